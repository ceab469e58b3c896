import {setTimeout as sleep} from 'node:timers/promises';
import {messageAndHint} from '../../base/error-details.js';
import {GatectlError} from '../../base/errors.js';
import type {ClusterEvent} from '../../cluster/cluster.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {Store} from '../model/store.js';
import {Batcher} from './batcher.js';
import {
  anomaliesQuery,
  doctorQuery,
  gatesQuery,
  journalQuery,
  recordQuery,
  recordsQuery,
  sessionQuery,
  sessionRecordQuery,
} from './cluster-queries.js';
import {GatePoller} from './gate-poller.js';
import {
  connectionsQuery,
  gateInfoQuery,
  gateStatsQuery,
  sameUserQuery,
  sessionsQuery,
} from './gate-queries.js';
import {createPollTick, type PollTick} from './poll-tick.js';
import {Poller} from './poller.js';
import {startTraceFeed} from './trace-feed.js';

const tickMs = 1000;
const retryMs = 2000;

/** Polls and watches the cluster, and dispatches the results until the signal aborts. */
export function startClusterFeed(store: Store, deps: DashboardDeps): void {
  const {signal, now, cluster} = deps;
  const failed =
    (what: 'sessions' | 'records' | 'journal' | 'anomalies' | 'doctor') =>
    (message: string): Action => ({type: 'failed', what, message, at: now()});
  const beat = createPollTick(now);
  const silent = (): undefined => undefined; // reported by the outcome of each gate
  const askers = [
    new Poller(gatesQuery, store, deps, silent, beat),
    new GatePoller(gateStatsQuery, store, deps, silent, beat),
    new GatePoller(gateInfoQuery, store, deps, silent, beat),
    new GatePoller(sessionsQuery, store, deps, failed('sessions'), beat),
    new GatePoller(connectionsQuery, store, deps, silent, beat),
    new GatePoller(sameUserQuery, store, deps, silent, beat),
    new Poller(sessionQuery, store, deps, silent, beat),
    new Poller(sessionRecordQuery, store, deps, silent, beat),
    new Poller(recordsQuery, store, deps, failed('records'), beat),
    new Poller(recordQuery, store, deps, silent, beat),
    new Poller(anomaliesQuery, store, deps, failed('anomalies'), beat),
    new Poller(doctorQuery, store, deps, failed('doctor'), beat),
    new Poller(journalQuery, store, deps, failed('journal'), beat),
  ];
  const look = (): void => {
    for (const asker of askers) asker.update();
  };
  const stops = [
    store.subscribe(look),
    startTraceFeed(store, deps),
    cluster.onLink((state) => store.dispatch({type: 'link', state, at: now()})),
  ];
  signal.addEventListener(
    'abort',
    () => {
      for (const stop of stops) stop();
      for (const asker of askers) asker.stop();
    },
    {once: true},
  );
  look();
  void keepTime(store, deps, beat);
  void watch(store, deps);
}

async function keepTime(store: Store, {signal, now, cluster}: DashboardDeps, tick: PollTick): Promise<void> {
  while (true) {
    await tick.wait(tickMs, signal);
    if (signal.aborted) return;
    store.dispatch({type: 'tick', now: now(), tap: cluster.tapCost()});
  }
}

/** Watches all events. Restarts the watch if it fails, and reports the failure. */
async function watch(store: Store, deps: DashboardDeps): Promise<void> {
  const {signal, cluster, now} = deps;
  while (!signal.aborted) {
    const batch = new Batcher<ClusterEvent>((events) => store.dispatch({type: 'heard', events, at: now()}));
    try {
      for await (const events of cluster.watchBatches({signal})) for (const event of events) batch.add(event);
    } catch (error) {
      if (signal.aborted) return; // the cluster is closing
      if (!(error instanceof GatectlError)) throw error;
      const message = `event watch failed: ${messageAndHint(error)}`;
      store.dispatch({type: 'failed', what: 'watch', message, at: now()});
    } finally {
      batch.end();
    }
    await sleep(retryMs, undefined, {signal}).catch(() => {});
  }
}
