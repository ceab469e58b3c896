import {ExitCode, NegativeError, UidAsSessionError} from '../../base/errors.js';
import type {CommandContext} from '../command-context.js';
import {notice} from '../show/notices.js';
import type {BulkInput} from './bulk-flags.js';

/** Runs a write to one session. With `--ignore-missing`, resolves with exit code 0 when the session does not exist. */
export async function ignoringMissing(
  context: CommandContext,
  {ignoreMissing}: Pick<BulkInput, 'ignoreMissing'>,
  write: () => Promise<ExitCode>,
): Promise<ExitCode> {
  if (ignoreMissing !== true) return await write();
  try {
    return await write();
  } catch (error) {
    // NegativeError means that every gate answered; a uid without uid: is a mistake of the line
    if (!(error instanceof NegativeError) || error instanceof UidAsSessionError) throw error;
    await notice(context, error.message);
    return ExitCode.done;
  }
}
