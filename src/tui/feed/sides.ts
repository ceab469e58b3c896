import {setTimeout as sleep} from 'node:timers/promises';
import {messageAndHint} from '../../base/error-details.js';
import {GatectlError} from '../../base/errors.js';
import type {DashboardDeps, SideCluster, SideContext} from '../dashboard-deps.js';
import type {Store} from '../model/store.js';

const everyMs = 2000;

/** Polls the totals of each context until the signal aborts, each in its own loop. */
export function startSides(store: Store, deps: DashboardDeps): void {
  for (const side of deps.sideContexts ?? []) void keepAsking(side, store, deps);
}

async function keepAsking(side: SideContext, store: Store, {signal}: DashboardDeps): Promise<void> {
  let last = unasked(side.name);
  while (!signal.aborted) {
    last = await totalsOf(side, last);
    if (signal.aborted) return;
    store.dispatch({type: 'side', side: last});
    await sleep(everyMs, undefined, {signal}).catch(() => {});
  }
}

export const unasked = (name: string): SideCluster => ({
  ...{name, isAsked: false, gates: 0, answering: 0, sessions: 0, bound: 0, dirty: 0},
  fault: undefined,
});

/** Polls a context's totals. On failure, returns the last totals with the error. */
async function totalsOf({name, open}: SideContext, last: SideCluster): Promise<SideCluster> {
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
