import {NegativeError} from '../../../base/errors.js';
import type {ClusterReader, LocatedRecord} from '../../../cluster/cluster.js';
import {sessionFields} from '../../../presentation/session-fields.js';
import {addSessionArgument, type SessionInput} from '../../line/session-argument.js';
import {contextTimeFormatter, showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SessionsGetInput extends SessionInput {
  readonly record?: boolean | undefined;
}

export const sessionsGet: Verb<SessionsGetInput> = {
  examples: [
    'gatectl sessions get 5f0084b6970dc3 --record',
    'gatectl sessions get Gate@a1/5f0084b6970dc3 -o json',
  ],
  declare: (command) =>
    addSessionArgument(command).option('--record', "show differences from the user's record"),
  run: async (context, {session: reference, record}) => {
    const cluster = await context.openReader();
    const located = await cluster.locate(reference, {allowPrefix: true});
    const {node, session} = located;
    const row = await cluster.rowOf(located);
    const stored = record === true ? await recordOfUser(cluster, session.userId) : undefined;
    return showItem(
      context,
      sessionFields({gate: node.id, session, time: contextTimeFormatter(context), row, record: stored}),
    );
  },
};

async function recordOfUser({records}: ClusterReader, uid: string): Promise<LocatedRecord | null> {
  if (uid === '') return null;
  try {
    return await records.get(uid);
  } catch (error) {
    if (error instanceof NegativeError) return null;
    throw error;
  }
}
