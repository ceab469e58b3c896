import {ExitCode, GatectlError, SettingsConflictError} from '../../base/errors.js';
import type {Change, Target} from '../../cluster/cluster.js';
import {editSettings} from '../../output/settings-edit/edit-settings.js';
import type {SettingsEdit} from '../../session/settings-edit.js';
import {changeLines} from '../actions/change.js';
import {errorLines} from '../actions/fault-text.js';
import {sessionReference, targetsOf} from '../model/targets.js';
import {type ControlDeps, notify, runInBackground} from './control-deps.js';

/** All settings of a session in the operator's own editor; only what he changed is sent. */
export function editInEditor(hands: ControlDeps): void {
  const {store, terminal, doors} = hands;
  const state = store.get();
  const [target] = targetsOf(state);
  if (target === undefined) return;
  const {requireReason, reason} = doors.about;
  if (requireReason !== undefined && reason === undefined)
    return notify(
      hands,
      `${requireReason} wants a reason: start with --reason, or set one setting with e`,
      'warn',
    );
  runInBackground(hands, async () => {
    const outcome = await terminal.suspend(() => editAndSave(target, hands));
    store.dispatch({type: 'refresh'});
    if ('done' in outcome) return said(outcome.done, hands);
    const {error, kept} = outcome;
    if (!(error instanceof GatectlError)) throw error;
    const where = kept === undefined ? [] : [`your text is kept in ${kept}`];
    notify(hands, [...errorLines(error), ...where].join('; '), 'bad');
  });
}

function said(change: Change | undefined, hands: ControlDeps): void {
  if (change === undefined) return notify(hands, 'no setting was changed; nothing was sent');
  notify(hands, changeLines(change).join(', '));
}

function editAndSave(target: Target, {doors}: ControlDeps) {
  const {cluster} = doors;
  const reference = sessionReference(target);
  return doors.edit('settings.jsonc', async (open) => {
    const {session} = await cluster.locate(reference);
    const title = `settings of session ${reference}${session.userId === '' ? '' : `, uid ${session.userId}`}`;
    return await editSettings(session.settings, {title, open, save: (edit) => save(reference, edit, doors)});
  });
}

/** As the command does it: refused when read-only, in the journal, and not over what another has changed. */
async function save(reference: string, edit: SettingsEdit, {act, cluster, about}: ControlDeps['doors']) {
  let change: Change | undefined;
  const write = {path: 'settings edit', input: {session: reference}, reason: about.reason};
  try {
    await act(write, async (notes) => {
      change = await cluster.editSettings(reference, edit);
      notes.addSession(change.node.id, change.before, change.after);
      return ExitCode.done;
    });
  } catch (error) {
    if (!(error instanceof SettingsConflictError)) throw error;
    return {now: (await cluster.locate(reference)).session.settings};
  }
  if (change === undefined) throw new Error('the write ended without a change');
  return {saved: change};
}
