import {showOne} from '../../present.js';
import {withSession} from '../../session-argument.js';
import {changeFields} from '../../sheets/change-fields.js';
import type {Verb} from '../../verb.js';
import type {SessionInput} from './get.js';

export const unbind: Verb<SessionInput> = {
  examples: ['gatectl unbind 5f0084b6970dc3', 'gatectl unbind Gate@a1/5f0084b6970dc3 -o json'],
  declare: withSession,
  run: async (context, {session}) => {
    const cluster = await context.openCluster();
    return showOne(context, changeFields(await cluster.unbind(session, {allowPrefix: context.interactive})));
  },
};
