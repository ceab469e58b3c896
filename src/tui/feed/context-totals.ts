import {setTimeout as sleep} from 'node:timers/promises';
import {messageAndHint} from '../../base/error-details.js';
import {GatectlError} from '../../base/errors.js';
import type {ContextTotals, DashboardDeps, PolledContext} from '../dashboard-deps.js';
import type {Store} from '../model/store.js';

const pollIntervalMs = 2000;

/** Polls the totals of each context until the signal aborts, each in its own loop. */
export function startContextTotals(store: Store, deps: DashboardDeps): void {
  for (const context of deps.polledContexts ?? []) void pollContext(context, store, deps);
}

async function pollContext(context: PolledContext, store: Store, {signal}: DashboardDeps): Promise<void> {
  let last = unpolledTotals(context.name);
  while (!signal.aborted) {
    last = await fetchTotals(context, last);
    if (signal.aborted) return;
    store.dispatch({type: 'context-totals', totals: last});
    await sleep(pollIntervalMs, undefined, {signal}).catch(() => {});
  }
}

export const unpolledTotals = (name: string): ContextTotals => ({
  ...{name, isAsked: false, gates: 0, answering: 0, sessions: 0, bound: 0, dirty: 0},
  fault: undefined,
});

/** Polls a context's totals. On failure, returns the last totals with the error. */
async function fetchTotals({name, open}: PolledContext, last: ContextTotals): Promise<ContextTotals> {
  try {
    const cluster = await open();
    const nodes = await cluster.refreshGates();
    const {results} = await cluster.stats(nodes.map(({id}) => id));
    const stats = [...results.values()];
    const sum = (of: (one: (typeof stats)[number]) => number): number =>
      stats.reduce((total, one) => total + (Number.isNaN(of(one)) ? 0 : of(one)), 0);
    return {
      ...{name, isAsked: true, gates: nodes.length, answering: stats.length},
      ...{
        sessions: sum((one) => one.sessions),
        bound: sum((one) => one.bound),
        dirty: sum((one) => one.dirty),
      },
      fault: undefined,
    };
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    return {...last, fault: messageAndHint(error)};
  }
}
