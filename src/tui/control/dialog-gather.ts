import {selectTargets, unknownSessions} from '../../cluster/bulk-targets.js';
import {GatectlError} from '../../errors.js';
import {grouped} from '../../output/human.js';
import {errorLines} from '../actions/fault-text.js';
import type {Dialog} from '../dialog.js';
import {nowAndThen} from '../now-and-then.js';
import type {State} from '../state.js';
import {isForAll, recordUid, targetsOf} from '../targets.js';
import {type DialogKind, emptyDialog, openOn} from './dialog-open.js';
import {type Hands, say} from './hands.js';
import {underWay} from './under-way.js';

/** Opens the dialog of an action on what the cursor is on, on what is marked, or on all that match the filter. */
export function openDialog(kind: DialogKind, hands: Hands): void {
  const state = hands.store.get();
  if (kind === 'delete-record')
    return openOn(kind, {state, targets: [], where: undefined, uid: recordUid(state)}, hands);
  if (isForAll(state)) return gather(kind, state, hands);
  openOn(kind, {state, targets: targetsOf(state), where: undefined, uid: undefined}, hands);
}

/** Whom it is for is asked first: what is agreed to then is these and nobody else. */
function gather(kind: DialogKind, {filters}: State, hands: Hands): void {
  const {text: where, selector} = filters.sessions;
  const asking: Dialog = {...emptyDialog(kind, `${kind} all where ${where}`), where, phase: 'gathering'};
  const show = (dialog: Dialog | undefined): void => hands.store.dispatch({type: 'dialog', dialog});
  show(asking);
  underWay(hands, async (signal) => {
    try {
      const {cluster, now} = hands.doors;
      const progress = nowAndThen(now, (text) => signal.aborted || show({...asking, progress: text}));
      const heard = (count: number): void => progress(() => `${grouped(count)} so far`);
      const {targets, outcomes} = await selectTargets(cluster, {where: selector, signal}, heard);
      if (signal.aborted) return;
      if (outcomes.some(({status}) => status === 'failed')) {
        const {message} = unknownSessions(outcomes);
        return show(
          failed(asking, [
            message,
            'hint: only a command goes on with those that are known: --allow-partial',
          ]),
        );
      }
      if (targets.length > 0)
        return openOn(kind, {state: hands.store.get(), targets, where, uid: undefined}, hands);
      show(undefined);
      say(hands, `no session matches ${where}; nothing was sent`, 'warn');
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
