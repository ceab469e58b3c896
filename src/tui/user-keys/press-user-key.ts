import {commands} from '../control/commands.js';
import {type ControlDeps, notify, runInBackground} from '../control/control-deps.js';
import {emptyDialog} from '../control/dialog-open.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import {withFlags} from '../keymap/equivalent-command.js';
import type {Notice} from '../model/dialog.js';
import type {Dialog, State} from '../model/state.js';
import {fillCommand} from './fill-command.js';
import {noUserKeys, type UserKey, type UserKeys} from './user-key.js';
import {parseUserKeys} from './user-keys.js';

/**
 * Parses the operator's keys, aliases and templates. Invalid entries are reported as faults; the
 * others work.
 */
export function userKeysOf({userConfig, riskOf}: Pick<DashboardDeps, 'userConfig' | 'riskOf'>): UserKeys {
  if (userConfig === undefined) return noUserKeys;
  const {fault, value} = userConfig;
  if (fault !== undefined) return {...noUserKeys, faults: [fault]};
  return parseUserKeys(value, {riskOf, commandNames: commands.map(({name}) => name)});
}

/** Returns a notice about the rejected entries; undefined if there are none. */
export function userKeysNotice(
  {faults}: UserKeys,
  {userConfig, now}: Pick<DashboardDeps, 'userConfig' | 'now'>,
): Notice | undefined {
  const [first, ...more] = faults;
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : `; ${more.length} more in the help (?)`;
  return {text: `${userConfig?.file ?? ''}: ${first}${others}`, tone: 'warn', at: now() + faultShownMs};
}

/** How long the notice is shown, in milliseconds: longer than others, because it is unexpected. */
const faultShownMs = 10_000;

export const userKeyOf = (key: string, {userKeys}: State): UserKey | undefined =>
  userKeys.keys.find((one) => one.key === key);

/** Runs the command of a key. A command that may write is confirmed first. */
export function pressUserKey(userKey: UserKey, deps: ControlDeps): void {
  const {store, dashboard} = deps;
  const state = store.get();
  const filled = fillCommand(userKey, state);
  if ('why' in filled) return notify(deps, `${userKey.key}: ${filled.why}`, 'warn');
  const {words} = filled;
  if (!userKey.isWrite) return runUserCommand(words, deps);
  const {readOnlySource, protectedName} = dashboard.options;
  if (readOnlySource !== undefined)
    return notify(deps, `${userKey.key}: ${readOnlySource} forbids writes`, 'warn');
  const question = `run ${userKey.help}?`;
  const dialog: Dialog = {
    ...emptyDialog('user-command', userKey.help),
    words,
    command: withFlags(state, words),
    preview: [{text: 'runs this command on the terminal, then returns'}],
    phase: 'confirm',
    confirmation:
      protectedName === undefined ? {ask: 'yes', question} : {ask: 'token', question, token: protectedName},
  };
  store.dispatch({type: 'dialog', dialog});
}

/** Hands the terminal to the command until the operator has read its output. */
export function runUserCommand(words: readonly string[], deps: ControlDeps): void {
  const {store, dashboard, terminal} = deps;
  store.dispatch({type: 'dialog', dialog: undefined});
  runInBackground(deps, async () => {
    const code = await terminal.suspend(() => dashboard.runCommand([...dashboard.options.flags, ...words]));
    store.dispatch({type: 'refresh'});
    const command = withFlags(store.get(), words);
    notify(
      deps,
      code === 0 ? `done: ${command}` : `exit code ${code}: ${command}`,
      code === 0 ? 'good' : 'bad',
    );
  });
}
