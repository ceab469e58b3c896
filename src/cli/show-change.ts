import type {Change} from '../cluster/cluster.js';
import type {ExitCode} from '../errors.js';
import {changeFields} from '../sheets/change-fields.js';
import type {CommandContext} from './context.js';
import {showOne} from './present.js';

/** Shows what a write on one session changed, and notes it for the journal. */
export async function showChange(context: CommandContext, change: Change): Promise<ExitCode> {
  context.notes.session(change.node.id, change.before, change.after);
  return await showOne(context, changeFields(change));
}
