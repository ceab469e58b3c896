import {sessionFields} from '../../../sheets/session-fields.js';
import {showOne} from '../../present.js';
import {withSession} from '../../session-argument.js';
import type {Verb} from '../../verb.js';

export interface SessionInput {
  readonly session: string;
}

export const sessionsGet: Verb<SessionInput> = {
  examples: ['gatectl sessions get 5f0084b6970dc3', 'gatectl sessions get Gate@a1/5f0084b6970dc3 -o json'],
  declare: withSession,
  run: async (context, {session}) => {
    const cluster = await context.openCluster();
    const located = await cluster.locate(session, {allowPrefix: context.interactive});
    return showOne(context, sessionFields(located.node.id, located.session));
  },
};
