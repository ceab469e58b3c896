import {GatectlError} from '../../base/errors.js';
import {selectTargets, unknownTargetsError} from '../../cluster/write/select-targets.js';
import {formatCount} from '../../output/text/humanize.js';
import type {ActionSubject} from '../actions/action-spec.js';
import {errorLines} from '../actions/error-lines.js';
import {
  actionTargets,
  isTargetingAllMatches,
  splitTargetReference,
  uidOfTarget,
} from '../model/action-targets.js';
import type {ActionSpecKind} from '../model/dialog-types.js';
import type {Dialog, State} from '../model/state.js';
import {throttleText} from '../throttle-text.js';
import {startJob} from './background-jobs.js';
import {type ControlDeps, showNotice} from './control-deps.js';
import {emptyDialog, openActionDialogFor} from './dialog-state.js';

/** Opens the dialog of an action on the row under the cursor, the marked rows, or all matches of the filter. */
export function openActionDialog(kind: ActionSpecKind, deps: ControlDeps): void {
  const state = deps.store.get();
  if (kind === 'delete-record')
    return openActionDialogFor(kind, {state, targets: [], where: undefined, uid: uidOfTarget(state)}, deps);
  if (kind === 'drain' || kind === 'resume')
    return openActionDialogFor(kind, {state, targets: [], where: undefined, uid: undefined}, deps);
  if (kind === 'undo') return openActionDialogFor(kind, undoSubject(state), deps);
  if (isTargetingAllMatches(state)) return gather(kind, state, deps);
  openActionDialogFor(kind, {state, targets: actionTargets(state), where: undefined, uid: undefined}, deps);
}

/** Returns the session whose settings were changed last. */
function undoSubject(state: State): ActionSubject {
  const {lastChange} = state;
  const target = lastChange && {...splitTargetReference(lastChange.reference), uid: lastChange.uid};
  return {state, targets: target === undefined ? [] : [target], where: undefined, uid: undefined};
}

/** Lists the targets before opening the dialog, so that the operator confirms exactly these. */
function gather(kind: ActionSpecKind, {filters}: State, deps: ControlDeps): void {
  const {selector} = filters.sessions;
  const where = selector?.text;
  const asking: Dialog = {
    ...emptyDialog(kind, `${kind} all where ${where ?? ''}`),
    where,
    phase: 'gathering',
  };
  const show = (dialog: Dialog | undefined): void => deps.store.dispatch({type: 'dialog', dialog});
  show(asking);
  startJob(deps, async (signal) => {
    try {
      const {cluster, now} = deps.dashboard;
      const progress = throttleText(now, (text) => signal.aborted || show({...asking, progress: text}));
      const heard = (count: number): void => progress(() => `${formatCount(count)} so far`);
      const {targets, outcomes} = await selectTargets(cluster, {where: selector, signal}, heard);
      if (signal.aborted) return;
      if (outcomes.some(({status}) => status === 'failed')) {
        const {message} = unknownTargetsError(outcomes);
        return show(
          failed(asking, [
            message,
            'hint: use the command line with --allow-partial to proceed without them',
          ]),
        );
      }
      if (targets.length > 0)
        return openActionDialogFor(kind, {state: deps.store.get(), targets, where, uid: undefined}, deps);
      show(undefined);
      showNotice(deps, `no session matches ${where}: nothing was sent`, 'warn');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof GatectlError)) throw error;
      show(failed(asking, errorLines(error)));
    }
  });
}

const failed = (asking: Dialog, lines: readonly string[]): Dialog => ({
  ...asking,
  phase: 'done',
  result: {tone: 'bad', lines},
});
