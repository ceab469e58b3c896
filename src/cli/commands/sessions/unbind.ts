import {sessionWrite} from '../../bulk/action-details.js';
import {
  type BulkInput,
  inBulk,
  onlySession,
  sessionsNamed,
  withBulkFlags,
  withSessions,
} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {writeToOne} from '../../bulk/write-to-one.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface UnbindInput extends BulkInput {
  readonly session: readonly string[];
}

export const unbind: Verb<UnbindInput> = {
  examples: ['gatectl unbind 5f0084b6970dc3', 'gatectl unbind --uid u42 --dry-run'],
  declare: (command) => withBulkFlags(withSessions(command)),
  ...inBulk(({session}) => session),
  run: async (context, {session, ...input}) => {
    const sessions = sessionsNamed(session, input);
    const only = onlySession(sessions, input);
    if (only === undefined)
      return await writeToMany(context, input, sessionWrite({verb: 'unbind'}), sessions);
    return await writeToOne(context, only, input, async (cluster) =>
      showChange(context, await cluster.unbind(only, {allowPrefix: context.allowsPrefix})),
    );
  },
};
