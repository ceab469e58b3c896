import {ExitCode} from '../../../base/errors.js';
import type {Cluster} from '../../../cluster/cluster.js';
import type {ThemeName} from '../../../tui/dashboard-deps.js';
import type {CommandContext} from '../../command-context.js';
import {parseBoolean, parseChoice} from '../../line/parsers.js';
import {dashboardDeps, dashboardOptions} from './dashboard-deps.js';
import {readUserConfig} from './user-config.js';

export interface DashboardInput {
  readonly theme?: ThemeName | undefined;
  readonly mouse?: boolean | undefined;
  readonly clipboard?: boolean | undefined;
  /** Contexts whose totals are shown side by side. The first is opened. */
  readonly contexts?: readonly string[] | undefined;
}

export const parseTheme = parseChoice<ThemeName>(['default', 'light', 'none']);

/** Runs the dashboard until the operator quits, then prints the commands they chose to keep. `open` connects to the cluster. */
export async function showDashboard(
  context: CommandContext,
  input: DashboardInput,
  open: () => Promise<Cluster>,
  signal: AbortSignal = context.signal,
): Promise<ExitCode> {
  const {deps, io} = context;
  const {env} = deps;
  const isOn = (name: string, usual: boolean): boolean => (env[name] ? parseBoolean(env[name]) : usual);
  const choices = {
    theme: themeOf(context, input),
    clipboard: input.clipboard ?? isOn('GATECTL_CLIPBOARD', false),
    ascii: !isUnicodeLocale(env),
  };
  const contexts = polledContexts(context, input.contexts ?? []);
  for (const {context: polled} of contexts) await polled.connection(); // reports a bad context before the screen opens
  const about = await dashboardOptions(context, choices);
  const configFile = await readUserConfig(deps);
  const [{openTerminal}, {runDashboard}] = await Promise.all([
    import('../../../tui/term/terminal.js'),
    import('../../../tui/run-dashboard.js'),
  ]);
  const mouse = input.mouse !== false && isOn('GATECTL_MOUSE', true);
  const terminal = await openTerminal({...deps.terminal(), env, signal, mouse});
  const shared = {configFile, polledContexts: contexts};
  const first = {deps: {...dashboardDeps(context, about), ...shared, signal}, open};
  const commands = await runDashboard(first, terminal, async (name) => {
    const {context: other, close} = context.forContext(name);
    const options = await dashboardOptions(other, choices);
    const either = AbortSignal.any([signal, other.signal]);
    return {
      deps: {...dashboardDeps(other, options), ...shared, signal: either},
      open: () => other.openCluster({reconnect: true, ownsTerminal: true}),
      close,
    };
  });
  for (const command of commands) await io.out.write(`${command}\n`);
  return ExitCode.done;
}

/** Returns the contexts shown in the overview. Each is opened once, on first use. */
function polledContexts(context: CommandContext, names: readonly string[]) {
  return names.map((name) => {
    const {context: polled} = context.forContext(name);
    const open = () => polled.openCluster({reconnect: true, ownsTerminal: true});
    return {name, context: polled, open};
  });
}

function themeOf({deps, io}: CommandContext, {theme}: DashboardInput): ThemeName {
  const {env} = deps;
  if (theme !== undefined) return theme;
  if (!io.color.out) return 'none';
  return env['GATECTL_THEME'] ? parseTheme(env['GATECTL_THEME']) : 'default';
}

/** Whether the locale uses UTF-8. True if no locale is set. */
function isUnicodeLocale(env: CommandContext['deps']['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || 'UTF-8';
  return /utf-?8/i.test(locale);
}
