import {PermissionError, UsageError} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import type {CommandIdentity} from '../command-identity.js';

/** Refuses a command that may not run, before it opens anything. This is the only such check. */
export async function checkPermitted(
  entry: CommandIdentity,
  context: CommandContext,
  {sendsNothing = false}: {readonly sendsNothing?: boolean} = {},
): Promise<void> {
  if (entry.risk === 'read') return;
  const {snapshot} = context.outputOptions;
  if (snapshot !== undefined) {
    throw new PermissionError(`cannot run "${entry.path}": the snapshot "${snapshot}" is read-only`, {
      hint: 'remove --snapshot, and unset GATECTL_SNAPSHOT',
    });
  }
  const {readOnly} = await context.connection();
  if (readOnly !== undefined) {
    throw new PermissionError(`cannot run "${entry.path}": read-only is set by ${readOnly.source}`, {
      hint: 'gatectl itself enforces read-only: remove it where it was set',
    });
  }
  if (entry.risk === 'destroy' && !sendsNothing && !context.outputOptions.yes && !context.isInteractive) {
    throw new UsageError(`cannot confirm "${entry.path}": there is no terminal to ask on`, {
      hint: 'pass --yes to run it without a confirmation',
    });
  }
}
