import {UsageError} from '../../../base/errors.js';
import {type BulkInput, isBulk, withBulkFlags} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {dryRunOne} from '../../bulk/dry-run-one.js';
import {parseSessionReference} from '../../line/session-argument.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface UnbindInput extends BulkInput {
  readonly session?: string | undefined;
}

export const unbind: Verb<UnbindInput> = {
  examples: ['gatectl unbind 5f0084b6970dc3', 'gatectl unbind --uid u42 --dry-run'],
  declare: (command) =>
    withBulkFlags(
      command.argument('[session]', 'session id, or Gate@id/<session id>', parseSessionReference),
    ),
  handlesAbort: isBulk,
  run: async (context, {session, ...input}) => {
    if (isBulk(input)) {
      if (session !== undefined)
        throw new UsageError(`cannot combine session "${session}" with a selection: use one of them`);
      return await writeToMany(context, input, {action: {verb: 'unbind'}, about: {}, destroys: false});
    }
    if (session === undefined) {
      throw new UsageError('missing session: give an id, or select sessions with --where, --uid or --all', {
        hint: 'gatectl sessions list',
      });
    }
    const shown = await dryRunOne(context, session, input);
    if (shown !== undefined) return shown;
    const cluster = await context.openCluster();
    return await showChange(context, await cluster.unbind(session, {allowPrefix: context.isInteractive}));
  },
};
