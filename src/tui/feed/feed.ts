import {setTimeout as sleep} from 'node:timers/promises';
import {GatectlError} from '../../base/errors.js';
import type {ClusterEvent} from '../../cluster/cluster.js';
import type {DashboardDeps} from '../dashboard-deps.js';
import type {Action} from '../model/action.js';
import type {Store} from '../model/store.js';
import {Asker} from './asker.js';
import {Batch} from './batch.js';
import {GateAsker} from './gate-asker.js';
import {infoQuestion, sameUserQuestion, sessionsQuestion, statsQuestion} from './gate-questions.js';
import {
  besideQuestion,
  detailQuestion,
  gatesQuestion,
  journalQuestion,
  recordQuestion,
  recordsQuestion,
} from './questions.js';
import {createTick} from './tick.js';
import {startTrace} from './trace.js';

const tickMs = 1000;
const retryMs = 2000;

/** Brings what happens in the cluster into the store until the signal aborts. */
export function startFeed(store: Store, doors: DashboardDeps): void {
  const {signal, now, cluster} = doors;
  const failed =
    (what: 'sessions' | 'records' | 'journal') =>
    (message: string): Action => ({type: 'failed', what, message, at: now()});
  const beat = createTick(now);
  const silent = (): undefined => undefined; // each gate's own outcome tells
  const askers = [
    new Asker(gatesQuestion, store, doors, silent, beat),
    new GateAsker(statsQuestion, store, doors, silent, beat),
    new GateAsker(infoQuestion, store, doors, silent, beat),
    new GateAsker(sessionsQuestion, store, doors, failed('sessions'), beat),
    new GateAsker(sameUserQuestion, store, doors, silent, beat),
    new Asker(detailQuestion, store, doors, silent, beat),
    new Asker(besideQuestion, store, doors, silent, beat),
    new Asker(recordsQuestion, store, doors, failed('records'), beat),
    new Asker(recordQuestion, store, doors, silent, beat),
    new Asker(journalQuestion, store, doors, failed('journal'), beat),
  ];
  const look = (): void => {
    for (const asker of askers) asker.look();
  };
  const stops = [
    store.subscribe(look),
    startTrace(store, doors),
    cluster.onLink((state) => store.dispatch({type: 'link', state, at: now()})),
  ];
  const tick = (): void => {
    ticking = setTimeout(tick, beat.after(tickMs));
    store.dispatch({type: 'tick', now: now()});
  };
  let ticking = setTimeout(tick, beat.after(tickMs));
  signal.addEventListener(
    'abort',
    () => {
      clearTimeout(ticking);
      for (const stop of stops) stop();
      for (const asker of askers) asker.stop();
    },
    {once: true},
  );
  look();
  void watch(store, doors);
}

/** Hears all events; what ends the watch is told, and it is begun again. */
async function watch(store: Store, doors: DashboardDeps): Promise<void> {
  const {signal, cluster, now} = doors;
  while (!signal.aborted) {
    const batch = new Batch<ClusterEvent>((events) => store.dispatch({type: 'heard', events, at: now()}));
    try {
      for await (const told of cluster.watch({signal})) batch.add(told);
    } catch (error) {
      if (signal.aborted) return; // what it stood on is being closed
      if (!(error instanceof GatectlError)) throw error;
      const message = `events do not come: ${error.message}`;
      store.dispatch({type: 'failed', what: 'watch', message, at: now()});
    } finally {
      batch.end();
    }
    await sleep(retryMs, undefined, {signal}).catch(() => {});
  }
}
