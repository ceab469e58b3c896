import {
  type BulkInput,
  inBulk,
  onlySession,
  sessionsNamed,
  withBulkFlags,
  withSessions,
} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {dryRunOne} from '../../bulk/dry-run-one.js';
import {ignoringMissing} from '../../bulk/ignoring-missing.js';
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
      return await writeToMany(
        context,
        input,
        {action: {verb: 'unbind'}, about: {}, destroys: false},
        sessions,
      );
    return await ignoringMissing(context, input, async () => {
      const shown = await dryRunOne(context, only, input);
      if (shown !== undefined) return shown;
      const cluster = await context.openCluster();
      return await showChange(context, await cluster.unbind(only, {allowPrefix: context.isInteractive}));
    });
  },
};
