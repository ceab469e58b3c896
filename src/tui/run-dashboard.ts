import {createElement} from 'react';
import {InterruptedError} from '../base/errors.js';
import {onAbort} from '../base/signals.js';
import type {Cluster} from '../cluster/cluster.js';
import {widthMeasure} from '../output/terminal/width.js';
import {waitForWork} from './control/background-work.js';
import type {ControlDeps} from './control/control-deps.js';
import {handleInput} from './control/handle-input.js';
import {performIntent} from './control/intents.js';
import {keepViews} from './control/kept-views.js';
import type {DashboardDeps} from './dashboard-deps.js';
import {startFeed} from './feed/feed.js';
import {initialState} from './model/initial-state.js';
import {reduce} from './model/reduce/reduce.js';
import {createStore} from './model/store.js';
import {throttledStore} from './model/throttled-store.js';
import {loadKeptFilters} from './search/kept-filters.js';
import {lineWidth} from './term/fast-ink/line-width.js';
import type {InputEvent, Terminal} from './term/terminal.js';
import {userKeysNotice, userKeysOf} from './user-keys/press-user-key.js';
import {Dashboard} from './views/frame.js';

/**
 * Shows the dashboard until the operator quits; resolves with the commands to print. Restores the terminal before it
 * rejects. Opens the cluster after the first frame, which shows "connecting".
 */
export async function runDashboard(
  deps: Omit<DashboardDeps, 'cluster'>,
  open: () => Promise<Cluster>,
  terminal: Terminal,
): Promise<readonly string[]> {
  const {options, now} = deps;
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);
  const link = {state: 'connecting', since: now()} as const;
  const userKeys = userKeysOf(deps);
  const initial = {...initialState(options, terminal.size(), now()), link, userKeys};
  const store = createStore({...initial, notice: userKeysNotice(userKeys, deps)}, reduce);
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
    const anyText = await widthMeasure(['…']);
    const measure = (text: string): number => lineWidth(text) ?? anyText(text); // most text needs no Unicode table
    terminal.mount(createElement(Dashboard, {store: drawn, tools: {measure, ascii: options.ascii}}));
    const ended = Promise.race([quit, failed, terminal.ended]);
    const cluster = await Promise.race([open(), ended]);
    if (cluster !== undefined) {
      store.dispatch({type: 'link', state: 'back', at: now()});
      const ready: ControlDeps = {
        ...{store, dashboard: {...deps, cluster, signal}, terminal, fail, measure},
        perform: (intent) => performIntent(intent, ready),
        quit: () => stop.abort(),
      };
      control = ready;
      loadKeptFilters(ready);
      offs.push(keepViews(ready));
      startFeed(store, ready.dashboard);
      for (const event of early) handleInput(event, ready);
      await ended;
    }
  } finally {
    stop.abort();
    for (const off of offs) off();
    drawn.end();
    await terminal.close();
    await waitForWork(store); // let a running write record its outcome
  }
  return store.get().toPrint;
}

const isKey = (event: InputEvent, name: string): boolean => event.type === 'key' && event.name === name;
