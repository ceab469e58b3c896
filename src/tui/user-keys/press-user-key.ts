import {type ControlDeps, runInBackground, showNotice} from '../control/control-deps.js';
import {emptyDialog} from '../control/dialog-state.js';
import {promptCommands} from '../control/prompt-commands.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import {fullCommandLine} from '../keymap/equivalent-command.js';
import type {Notice} from '../model/dialog-types.js';
import type {Dialog, State} from '../model/state.js';
import {type DashboardConfig, emptyDashboardConfig, type UserKey} from './dashboard-config.js';
import {fillCommandPlaceholders} from './fill-command.js';
import {parseDashboardConfig} from './parse-dashboard-config.js';

/**
 * Parses the operator's keys, aliases and templates. Invalid entries are reported as faults; the
 * others work.
 */
export function dashboardConfigOf({
  configFile,
  riskOf,
}: Pick<DashboardDeps, 'configFile' | 'riskOf'>): DashboardConfig {
  if (configFile === undefined) return emptyDashboardConfig;
  const {fault, value} = configFile;
  if (fault !== undefined) return {...emptyDashboardConfig, faults: [fault]};
  return parseDashboardConfig(value, {riskOf, commandNames: promptCommands.map(({name}) => name)});
}

/** Returns a notice about the rejected entries; undefined if there are none. */
export function configFaultsNotice(
  {faults}: DashboardConfig,
  {configFile, now}: Pick<DashboardDeps, 'configFile' | 'now'>,
): Notice | undefined {
  const [first, ...more] = faults;
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : `; ${more.length} more in the help (?)`;
  return {text: `${configFile?.file ?? ''}: ${first}${others}`, tone: 'warn', at: now() + faultShownMs};
}

/** How long the notice is shown, in milliseconds: longer than others, because it is unexpected. */
const faultShownMs = 10_000;

export const userKeyFor = (key: string, {config}: State): UserKey | undefined =>
  config.keys.find((one) => one.key === key);

/** Runs the command of a key. A command that may write is confirmed first. */
export function pressUserKey(userKey: UserKey, deps: ControlDeps): void {
  const {store, dashboard} = deps;
  const state = store.get();
  const filled = fillCommandPlaceholders(userKey, state);
  if ('why' in filled) return showNotice(deps, `${userKey.key}: ${filled.why}`, 'warn');
  const {words} = filled;
  if (!userKey.isWrite) return runUserCommand(words, deps);
  const {readOnlySource, protectedName} = dashboard.options;
  if (readOnlySource !== undefined)
    return showNotice(deps, `${userKey.key}: ${readOnlySource} forbids writes`, 'warn');
  const question = `run ${userKey.help}?`;
  const dialog: Dialog = {
    ...emptyDialog('user-command', userKey.help),
    words,
    command: fullCommandLine(state, words),
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
    const command = fullCommandLine(store.get(), words);
    showNotice(
      deps,
      code === 0 ? `done: ${command}` : `exit code ${code}: ${command}`,
      code === 0 ? 'good' : 'bad',
    );
  });
}
