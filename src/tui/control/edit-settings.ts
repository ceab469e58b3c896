import {ExitCode, GatectlError, SettingsConflictError} from '../../base/errors.js';
import type {SessionBeforeAfter, Target} from '../../cluster/cluster.js';
import {editSettings} from '../../output/settings-edit/edit-settings.js';
import type {SettingsEdit} from '../../session/settings-edit.js';
import {changedValueLines, undoableChange} from '../actions/change-one-session.js';
import {errorLines} from '../actions/error-lines.js';
import {actionTargets, targetReference} from '../model/action-targets.js';
import {type ControlDeps, runInBackground, showNotice} from './control-deps.js';

/** Opens a session's settings in the operator's editor and writes only the changes. */
export function editSettingsInEditor(deps: ControlDeps): void {
  const {store, terminal, dashboard} = deps;
  const state = store.get();
  const [target] = actionTargets(state);
  if (target === undefined) return;
  const {requireReasonSource, reason, protectedName} = dashboard.options;
  if (protectedName !== undefined)
    return showNotice(deps, `${protectedName} is protected: set one setting with e`, 'warn');
  if (requireReasonSource !== undefined && reason === undefined)
    return showNotice(
      deps,
      `${requireReasonSource} requires a reason: start with --reason, or set one setting with e`,
      'warn',
    );
  runInBackground(deps, async () => {
    const outcome = await terminal.suspend(() => editAndSave(target, deps));
    store.dispatch({type: 'refresh'});
    if ('done' in outcome) return said(outcome.done, deps);
    const {error, kept} = outcome;
    if (!(error instanceof GatectlError)) throw error;
    const where = kept === undefined ? [] : [`your text is saved in ${kept}`];
    showNotice(deps, [...errorLines(error), ...where].join('; '), 'bad');
  });
}

function said(change: SessionBeforeAfter | undefined, deps: ControlDeps): void {
  if (change === undefined) return showNotice(deps, 'no changes: nothing was sent');
  deps.store.dispatch({type: 'changed', change: undoableChange(change)});
  showNotice(deps, `${changedValueLines(change).join(', ')} (z undoes)`);
}

function editAndSave(target: Target, {dashboard}: ControlDeps) {
  const {cluster} = dashboard;
  const reference = targetReference(target);
  return dashboard.editText('settings.jsonc', async (open) => {
    const {session} = await cluster.locate(reference);
    const title = `settings of session ${reference}${session.userId === '' ? '' : `, uid ${session.userId}`}`;
    return await editSettings(session.settings, {
      title,
      open,
      save: (edit) => save(reference, edit, dashboard),
    });
  });
}

/**
 * Saves like `settings edit`: checks read-only mode, journals the write, and detects conflicting
 * changes.
 */
async function save(
  reference: string,
  edit: SettingsEdit,
  {runWrite, cluster, options}: ControlDeps['dashboard'],
) {
  let change: SessionBeforeAfter | undefined;
  const write = {path: 'settings edit', input: {session: reference}, reason: options.reason};
  try {
    await runWrite(write, async (notes) => {
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
