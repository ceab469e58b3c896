import {describe, expect, test} from 'vitest';
import {CallError, UnreachableError} from '../../../../src/base/errors.js';
import type {ClusterEvent, RecordReader} from '../../../../src/cluster/cluster.js';
import {UnlistedSessions} from '../../../../src/cluster/stock/unlisted-sessions.js';
import {aRow, FakeGate} from '../../../support/fake-gate.js';
import {aNode} from '../../../support/fake-registry.js';

const node = aNode('Gate@go');

/** A stock gate with sessions, a store that names them, and rounds that the test lets run. */
function someUnlisted(count: number) {
  const sessions = Array.from({length: count}, (_, at) =>
    aRow({sessionId: `s${at}`, userId: `u${at}`, serverId: 'Gate@go'}),
  );
  const gate = new FakeGate('Gate@go', sessions);
  gate.stock = true;
  let now = 0;
  let fault: Error | undefined;
  const waiting: (() => void)[] = [];
  const records = async (): Promise<RecordReader> => {
    if (fault !== undefined) throw fault;
    const stored = sessions.map(({session}) => ({session}));
    return {
      list: async () => ({
        expected: [],
        outcomes: () => [],
        rows: (async function* () {
          yield* stored as never[];
        })(),
      }),
      get: () => Promise.reject(new Error('not asked for')),
    };
  };
  const stock = new UnlistedSessions({
    gateOf: () => gate,
    records,
    now: () => now,
    wait: () => new Promise((resolve) => void waiting.push(resolve)),
  });
  const rows = async () => {
    const found: string[] = [];
    for await (const {session} of stock.finder([node]).all(undefined)) found.push(session.sessionId);
    return found;
  };
  const updates = (): number => gate.calls.filter((fn) => fn === 'Update').length;
  /** Lets so many milliseconds pass, and the next round run. */
  const round = async (ms = 60_000): Promise<void> => {
    now += ms;
    const before = waiting.length;
    waiting[before - 1]?.();
    await expect.poll(() => waiting.length).toBeGreaterThan(before);
  };
  return {stock, gate, rows, updates, round, fail: (error: Error | undefined) => (fault = error)};
}

describe('sessions of stock gates in the background', () => {
  test('are confirmed by their gate, and dropped when they have ended', async () => {
    const {rows, gate, round} = someUnlisted(3);
    expect(await rows()).toEqual(['s0', 's1', 's2']);
    await gate.close('s1');
    await round();
    expect(await rows()).toEqual(['s0', 's2']);
  });

  test('are confirmed by at most 200 calls per round', async () => {
    const {rows, updates, round} = someUnlisted(450);
    expect(await rows()).toHaveLength(200);
    expect(updates()).toBe(200);
    await round(1000);
    await round(1000);
    expect(await rows()).toHaveLength(450);
    expect(updates()).toBe(450);
    await round(1000); // all were confirmed a moment ago
    expect(updates()).toBe(450);
  });

  test('are reported to listeners with their source', async () => {
    const {stock, gate, rows, round} = someUnlisted(2);
    const heard: ClusterEvent[] = [];
    const stop = stock.listen((event) => heard.push(event));
    await rows();
    await gate.bind('s0', 'neo');
    await gate.push('s1', {vip: '1'});
    await round();
    await gate.unbind('s0');
    await gate.close('s1');
    await round();
    stop();
    const told = heard.map((entry) => {
      if (entry.type !== 'event') return entry.type;
      const {kind, session, keys, uidBefore} = entry.event;
      return [kind, session.sessionId, entry.source, ...keys, uidBefore].join(' ').trim();
    });
    expect(told).toEqual([
      'connected s0 record',
      'connected s1 record',
      'bound s0 record u0',
      'settings s1 record vip',
      'unbound s0 record neo',
      'closed s1 record',
    ]);
  });

  test('stay while their source fails or their gate is silent, which is named', async () => {
    const {stock, gate, rows, round, fail} = someUnlisted(1);
    fail(new UnreachableError('cannot reach the store'));
    expect(await rows()).toEqual([]);
    expect(stock.finder([node]).sourceFailures).toEqual(['cannot reach the store']);
    fail(undefined);
    await round();
    expect(await rows()).toEqual(['s0']);
    expect(stock.finder([node]).sourceFailures).toEqual([]);
    gate.before = (fn) => {
      throw new CallError({reason: 'timeout', node: 'Gate@go', fn}, 'no answer');
    };
    await round();
    const finder = stock.finder([node]);
    expect(await rows()).toEqual(['s0']);
    expect(finder.failures.get('Gate@go')?.reason).toBe('timeout');
  });
});
