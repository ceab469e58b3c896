import {createElement} from 'react';
import {onAbort} from '../base/abort-signals.js';
import {messageAndHint} from '../base/error-details.js';
import {GatectlError, InterruptedError} from '../base/errors.js';
import type {Cluster} from '../cluster/cluster.js';
import {loadWidthMeasure} from '../output/terminal/text-width.js';
import {loadMessageHistory} from './actions/messages/save-message-history.js';
import {waitForJobs} from './control/background-jobs.js';
import type {ControlDeps} from './control/control-deps.js';
import {handleInput} from './control/handle-input.js';
import {performIntent} from './control/perform-intent.js';
import {restoreAndSaveViews} from './control/restore-views.js';
import {loadContexts} from './control/switch-context.js';
import type {DashboardDeps, ThemeName} from './dashboard-deps.js';
import {startContextTotals, unpolledTotals} from './feed/context-totals.js';
import {startClusterFeed} from './feed/feed.js';
import type {Notice} from './model/dialog-types.js';
import {initialState} from './model/initial-state.js';
import {reduce} from './model/reduce/reduce.js';
import {createStore} from './model/store.js';
import {throttledStore} from './model/throttled-store.js';
import {loadSavedFilters} from './search/saved-filters.js';
import {lineWidth} from './term/fast-ink/line-width.js';
import type {InputEvent, Terminal} from './term/terminal.js';
import {configFaultsNotice, dashboardConfigOf} from './user-keys/press-user-key.js';
import {Dashboard} from './views/frame.js';

/** A cluster to display: its dependencies, and how it is opened. */
interface ClusterRun {
  readonly deps: Omit<DashboardDeps, 'cluster'>;
  readonly open: () => Promise<Cluster>;
  /** Closes the cluster after the operator has left it. */
  readonly close?: (() => Promise<void>) | undefined;
}

/** Prepares the cluster of a context. Rejects with GatectlError if it can't be used. */
type ConnectContext = (context: string) => Promise<ClusterRun>;

/**
 * Shows the dashboard until the operator quits. Resolves with the commands to print. Restores the
 * terminal before it rejects. A cluster is opened after the first frame, which shows "connecting".
 * If another context's cluster can't be opened, the previous one is shown again.
 */
export async function runDashboard(
  first: ClusterRun,
  terminal: Terminal,
  connect: ConnectContext,
): Promise<readonly string[]> {
  const toPrint: string[] = [];
  let [run, previous, fault] = [first, undefined as ClusterRun | undefined, undefined as string | undefined];
  let {theme} = first.deps.options;
  try {
    while (true) {
      const ended = await runCluster(run, terminal, {connect, fault, theme}).catch(
        (error: unknown): Ended => {
          if (!(error instanceof OpenFailure) || previous === undefined) throw failureOf(error);
          const why = messageAndHint(error.reason);
          return {toPrint: [], next: previous, fault: `${run.deps.options.context}: ${why}`, theme};
        },
      );
      toPrint.push(...ended.toPrint);
      theme = ended.theme;
      if (ended.next === undefined) return toPrint;
      await run.close?.();
      fault = ended.fault;
      [previous, run] = [fault === undefined ? run : undefined, ended.next];
    }
  } finally {
    await terminal.close();
  }
}

/** Thrown if the cluster could not be opened, unlike a failure while it is displayed. */
class OpenFailure extends Error {
  constructor(readonly reason: GatectlError) {
    super(reason.message);
  }
}

const failureOf = (error: unknown): unknown => (error instanceof OpenFailure ? error.reason : error);

async function opened(open: ClusterRun['open']): Promise<Cluster> {
  try {
    return await open();
  } catch (error) {
    throw error instanceof GatectlError ? new OpenFailure(error) : error;
  }
}

interface Ended {
  readonly toPrint: readonly string[];
  /** The cluster to display next; undefined if the operator quit. */
  readonly next?: ClusterRun | undefined;
  readonly fault?: string | undefined;
  /** The current theme, which the operator may have changed. The next cluster uses it too. */
  readonly theme: ThemeName;
}

interface RunOptions {
  readonly connect: ConnectContext;
  /** Why the next cluster could not be displayed. */
  readonly fault: string | undefined;
  readonly theme: ThemeName;
}

/**
 * Displays one cluster. Its feeds, state and running writes end before the next one is displayed.
 */
async function runCluster(
  {deps, open}: ClusterRun,
  terminal: Terminal,
  {connect, fault, theme}: RunOptions,
): Promise<Ended> {
  const {options, now} = deps;
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);
  const link = {state: 'connecting', since: now()} as const;
  const config = dashboardConfigOf(deps);
  const initial = {
    ...initialState(options, terminal.size(), now()),
    theme,
    link,
    config,
    contextTotals: (deps.polledContexts ?? []).map(({name}) => unpolledTotals(name)),
  };
  const notice = fault === undefined ? configFaultsNotice(config, deps) : badNotice(fault, now());
  const store = createStore({...initial, notice}, reduce);
  let next: ClusterRun | undefined;
  let canGoBack = false;
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const drawn = throttledStore(store, () => performance.now());
  let control: ControlDeps | undefined;
  const early: InputEvent[] = []; // input before the cluster is open is replayed
  const quit = new Promise<void>((resolve) => onAbort(stop.signal, resolve));
  const offs = [
    terminal.onInput((event) => {
      if (control !== undefined) handleInput(event, control);
      else if (isKey(event, 'ctrl-c')) fail(new InterruptedError('SIGINT'));
      else if (isKey(event, 'q') && early.length === 0) stop.abort();
      else early.push(event);
    }),
    terminal.onResize(() => store.dispatch({type: 'resize', size: terminal.size()})),
  ];
  try {
    const anyText = await loadWidthMeasure(['…']);
    const measure = (text: string): number => lineWidth(text) ?? anyText(text); // most text needs no Unicode table
    terminal.mount(createElement(Dashboard, {store: drawn, tools: {measure, ascii: options.ascii}}));
    const ended = Promise.race([quit, failed, terminal.ended]);
    const cluster = await Promise.race([opened(open), ended]);
    if (cluster !== undefined) {
      store.dispatch({type: 'link', state: 'back', at: now()});
      const ready: ControlDeps = {
        ...{store, dashboard: {...deps, cluster, signal}, terminal, fail, measure},
        perform: (intent) => performIntent(intent, ready),
        quit: () => stop.abort(),
        switchTo: async (context) => {
          next = await connect(context);
          stop.abort();
        },
      };
      control = ready;
      loadSavedFilters(ready);
      loadContexts(ready);
      loadMessageHistory(ready);
      offs.push(restoreAndSaveViews(ready));
      startClusterFeed(store, ready.dashboard);
      startContextTotals(store, ready.dashboard);
      for (const event of early) handleInput(event, ready);
      await ended;
    }
  } catch (error) {
    canGoBack = error instanceof OpenFailure;
    throw error;
  } finally {
    stop.abort();
    for (const off of offs) off();
    drawn.end();
    if (next === undefined && !canGoBack) await terminal.close();
    await waitForJobs(store); // let a running write record its outcome
  }
  const {toPrint, theme: lastTheme} = store.get();
  return {toPrint, next, theme: lastTheme};
}

const badNotice = (text: string, at: number): Notice => ({text, tone: 'bad', at});

const isKey = (event: InputEvent, name: string): boolean => event.type === 'key' && event.name === name;
