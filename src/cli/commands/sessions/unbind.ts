import {
  addBulkSessionFlags,
  addSessionArguments,
  type BulkSessionInput,
  bulkVerbMembers,
  sessionReferences,
  singleSession,
} from '../../bulk/bulk-flags.js';
import {writeToSessions} from '../../bulk/bulk-write.js';
import {buildSessionWrite} from '../../bulk/session-write.js';
import {writeToSession} from '../../bulk/write-to-session.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface UnbindInput extends BulkSessionInput {
  readonly session: readonly string[];
}

export const unbind: Verb<UnbindInput> = {
  examples: ['gatectl unbind 5f0084b6970dc3', 'gatectl unbind --uid u42 --dry-run'],
  declare: (command) => addBulkSessionFlags(addSessionArguments(command)),
  ...bulkVerbMembers(({session}) => session),
  run: async (context, {session, ...input}) => {
    const sessions = sessionReferences(session, input);
    const only = singleSession(sessions, input);
    if (only === undefined)
      return await writeToSessions(context, input, buildSessionWrite({verb: 'unbind'}), sessions);
    return await writeToSession(context, only, input, async (cluster) =>
      showChange(context, await cluster.unbind(only, {allowPrefix: context.allowsPrefix})),
    );
  },
};
