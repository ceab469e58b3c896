import {ExitCode} from '../../base/errors.js';
import type {SessionBeforeAfter} from '../../cluster/cluster.js';
import {changedSessionValues} from '../../presentation/session-change-fields.js';
import type {DialogResult, SettingsChange} from '../model/dialog-types.js';
import type {ActionRunOptions} from './action-spec.js';

/** Writes to one session and reports the changed values. */
export async function changeOneSession(
  write: {
    readonly path: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly reason: string | undefined;
  },
  {deps}: ActionRunOptions,
  act: () => Promise<SessionBeforeAfter>,
): Promise<DialogResult> {
  let change: SessionBeforeAfter | undefined;
  await deps.runWrite(write, async (notes) => {
    change = await act();
    notes.addSession(change.node.id, change.before, change.after);
    return ExitCode.done;
  });
  if (change === undefined) return {tone: 'good', lines: []};
  return {tone: 'good', lines: changedValueLines(change), change: undoableChange(change)};
}

/** Returns the change that `z` can undo. */
export const undoableChange = ({node, before, after}: SessionBeforeAfter): SettingsChange => ({
  reference: `${node.id}/${after.sessionId}`,
  uid: after.userId,
  before,
  after,
});

export function changedValueLines({before, after}: SessionBeforeAfter): readonly string[] {
  const changes = changedSessionValues(before, after);
  if (changes.length === 0) return ['nothing changed'];
  return changes.map(({name, from, to}) => `${name}: ${from ?? '(none)'} -> ${to ?? '(none)'}`);
}
