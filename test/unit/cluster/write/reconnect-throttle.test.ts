import {describe, expect, test} from 'vitest';
import {ReconnectThrottle, safeEvictionRate} from '../../../../src/cluster/write/reconnect-throttle.js';
import {FakeGate} from '../../../support/fake-gate.js';
import {until} from '../../../support/poll.js';
import {fakeCluster} from '../../../support/run-cli.js';

interface Counters {
  connects: number;
  sessions: number;
}

/** A throttle over gates whose counters the test sets; `at` is the gates' clock. */
function throttled(gates: Readonly<Record<string, Counters>>, limits: {wanted: number; maxConnects: number}) {
  const end = new AbortController();
  const pauses: (string | undefined)[] = [];
  let at = 0;
  const fakes = Object.entries(gates).map(([id, counters]) => {
    const gate = new FakeGate(id);
    const totals = {disconnects: 0, received: 0, sent: 0, dirty: 0, bound: 0, startedAt: 0};
    gate.stats = async () => ({...totals, ...counters, now: at});
    return gate;
  });
  const throttle = new ReconnectThrottle({
    cluster: fakeCluster(fakes),
    others: fakes.map(({nodeId: gate}) => ({gate, sessions: 0, maxSessions: 1000})),
    onPause: (why) => void pauses.push(why),
    signal: end.signal,
    ...limits,
  });
  const tick = (ms: number): void => {
    at += ms;
  };
  return {throttle, pauses, end, tick};
}

/** Milliseconds that so many evictions wait. */
async function timeOf(throttle: ReconnectThrottle, evictions: number): Promise<number> {
  const started = performance.now();
  for (let at = 0; at < evictions; at += 1) await throttle.ready();
  return performance.now() - started;
}

describe('evictions', () => {
  test('do not wait if even one gate alone could take the clients', async () => {
    const {throttle, end} = throttled({'Gate@b': {connects: 0, sessions: 0}}, {wanted: 80, maxConnects: 100});
    expect(await timeOf(throttle, 200)).toBeLessThan(100);
    end.abort();
  });

  test('begin as if all clients came to one gate', async () => {
    const limits = {wanted: 0, maxConnects: 250};
    const {throttle, end} = throttled({'Gate@b': {connects: 0, sessions: 0}}, limits);
    expect(safeEvictionRate(250)).toBe(200);
    const took = await timeOf(throttle, 61); // of which 20 catch up
    expect(took).toBeGreaterThan(150);
    end.abort();
  });

  test('become as fast as the share of the busiest gate permits', async () => {
    const [b, c] = [
      {connects: 0, sessions: 0},
      {connects: 0, sessions: 0},
    ];
    const {throttle, end} = throttled({'Gate@b': b, 'Gate@c': c}, {wanted: 150, maxConnects: 100});
    await until(async () => (await timeOf(throttle, 10)) > 50, {what: 'the first pace'});
    b.connects = 50;
    c.connects = 50; // half of them each: 80 a second on each are 160 in all
    await until(async () => (await timeOf(throttle, 50)) < 100, {what: 'the full pace'});
    end.abort();
  });

  test('pause near a session limit, and continue below it', async () => {
    const b = {connects: 0, sessions: 960};
    const {throttle, pauses, end} = throttled({'Gate@b': b}, {wanted: 10, maxConnects: 100});
    await until(() => pauses.length === 1, {what: 'the pause'});
    expect(pauses).toEqual(['Gate@b has 960 sessions, near its limit of 1000']);
    let isReady = false;
    const ready = throttle.ready().then(() => {
      isReady = true;
    });
    await new Promise(setImmediate);
    expect(isReady).toBe(false);
    b.sessions = 900;
    await ready;
    expect(pauses).toEqual([expect.any(String), undefined]);
    end.abort();
  });

  test('pause near the limit of new connections', async () => {
    const b = {connects: 0, sessions: 0};
    const {throttle, pauses, end, tick} = throttled({'Gate@b': b}, {wanted: 10, maxConnects: 100});
    await until(
      () => {
        tick(100);
        b.connects += 10; // 100 a second
        return pauses.length === 1;
      },
      {what: 'the pause', everyMs: 250},
    );
    expect(pauses[0]).toContain('new connections a second, near the limit of 100');
    end.abort();
    await throttle.ready(); // what waits ends with the watch
  });
});
