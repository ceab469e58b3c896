import {parseUid} from '../../parsers.js';
import {withSession} from '../../session-argument.js';
import {showChange} from '../../show-change.js';
import type {Verb} from '../../verb.js';

export interface BindInput {
  readonly session: string;
  readonly uid: string;
}

export const bind: Verb<BindInput> = {
  examples: ['gatectl bind 5f0084b6970dc3 u42', 'gatectl bind Gate@a1/5f0084b6970dc3 u42 -o json'],
  declare: (command) => withSession(command).argument('<uid>', 'user id to bind it to', parseUid),
  run: async (context, {session, uid}) => {
    const cluster = await context.openCluster();
    return showChange(context, await cluster.bind(session, uid, {allowPrefix: context.interactive}));
  },
};
