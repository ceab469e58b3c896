import {PermissionError, UsageError} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import type {CommandIdentity} from '../command-identity.js';

/** The one place where a command is kept from running: before it has opened anything. */
export async function checkPermitted(
  entry: CommandIdentity,
  context: CommandContext,
  {sendsNothing = false}: {readonly sendsNothing?: boolean} = {},
): Promise<void> {
  if (entry.risk === 'read') return;
  const {snapshot} = context.outputOptions;
  if (snapshot !== undefined) {
    throw new PermissionError(`"${entry.path}" writes, and the snapshot "${snapshot}" cannot be written to`, {
      hint: 'leave --snapshot out (GATECTL_SNAPSHOT too)',
    });
  }
  const {readOnly} = await context.connection();
  if (readOnly !== undefined) {
    throw new PermissionError(`"${entry.path}" writes, and ${readOnly.source} says read-only`, {
      hint: 'read-only is kept by gatectl itself; take it off where it was set',
    });
  }
  if (entry.risk === 'destroy' && !sendsNothing && !context.outputOptions.yes && !context.isInteractive) {
    throw new UsageError(`"${entry.path}" destroys, and there is no terminal to ask on`, {
      hint: 'pass --yes if you are sure',
    });
  }
}
