import {describe, expect, test} from 'vitest';
import {CallError} from '../../../../src/base/errors.js';
import type {ClusterEvent} from '../../../../src/cluster/watch/cluster-event.js';
import {EventQueue} from '../../../../src/cluster/watch/event-queue.js';
import {watchSessions} from '../../../../src/cluster/watch/watch-sessions.js';
import {encodeSession} from '../../../../src/session/codec/session-protobuf.js';
import {aSession, FakeGate} from '../../../support/fake-gate.js';
import {aNode, FakeRegistry} from '../../../support/fake-registry.js';
import {until} from '../../../support/poll.js';
import {fakeEventBus} from '../../../support/run-cli.js';

/** A watch on fake gates. `tick` lets everybody who waits go on. */
function watched(gates: FakeGate[]) {
  const bus = fakeEventBus();
  const registry = new FakeRegistry(gates.map(({nodeId}) => aNode(nodeId)));
  const stop = new AbortController();
  const heard: ClusterEvent[] = [];
  const sleepers = new Set<() => void>();
  const waits: number[] = [];
  for (const gate of gates) gate.publish = bus.publish;
  const parts = {
    bus,
    gates: (signal: AbortSignal) => registry.watch('Gate', signal),
    gateOf: ({id}: {id: string}) => gates.find(({nodeId}) => nodeId === id) as FakeGate,
    now: () => 7,
    wait: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        waits.push(ms);
        sleepers.add(resolve);
        signal.addEventListener('abort', () => resolve());
      }),
  };
  const ended = (async () => {
    for await (const told of watchSessions(parts, {signal: stop.signal})) heard.push(...told);
  })();
  return {
    bus,
    registry,
    heard,
    waits,
    tick() {
      for (const resolve of sleepers) resolve();
      sleepers.clear();
    },
    sleeping: () => sleepers.size > 0,
    says: (words: string) => until(() => texts(heard).includes(words), {what: words}),
    async end() {
      stop.abort();
      await ended;
    },
  };
}

test('D7: a watch whose signal has aborted before it begins ends at once', async () => {
  const registry = new FakeRegistry([aNode('Gate@a')]);
  const gate = new FakeGate('Gate@a');
  const bus = fakeEventBus();
  const parts = {
    bus,
    gates: (signal: AbortSignal) => registry.watch('Gate', signal),
    gateOf: () => gate,
    now: () => 7,
    wait: () => new Promise<void>(() => {}),
  };
  const heard: ClusterEvent[] = [];
  for await (const told of watchSessions(parts, {signal: AbortSignal.abort()})) heard.push(...told);
  expect(heard.filter(({type}) => type === 'event')).toEqual([]);
});

const texts = (heard: readonly ClusterEvent[]): string[] =>
  heard.map((told) => {
    if (told.type === 'event') return `${told.node} ${told.event.kind} ${told.event.session.userId}`;
    if (told.type === 'gap') return `${told.node} gap ${told.lost ?? '?'}`;
    return `${told.node} ${told.state}`;
  });

const ofUser = (userId: string) => encodeSession(aSession({userId}));

describe('watching a cluster', () => {
  test('reports events of all gates, and missing numbers as a gap', async () => {
    const [a, b] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    const watch = watched([a, b]);
    await watch.says('Gate@a watching');
    await watch.says('Gate@b watching');
    a.emit({kind: 'connected', session: ofUser('u1')});
    b.emit({kind: 'closed', session: ofUser('u2')});
    a.emit({kind: 'bound', session: ofUser('u3')}, 3);
    await watch.says('Gate@a bound u3');
    expect(texts(watch.heard).slice(2)).toEqual([
      'Gate@a connected u1',
      'Gate@b closed u2',
      'Gate@a gap 3',
      'Gate@a bound u3',
    ]);
    await watch.end();
  });

  test('finds events lost at the end of a feed at the lease renewal', async () => {
    const a = new FakeGate('Gate@a');
    const watch = watched([a]);
    await watch.says('Gate@a watching');
    const publish = a.publish;
    a.publish = () => {}; // lost on the way
    a.emit({kind: 'connected'});
    a.publish = publish;
    await until(watch.sleeping);
    watch.tick();
    await watch.says('Gate@a gap 1');
    await watch.end();
  });

  test('reports a failing gate once, then resumes with a gap', async () => {
    const a = new FakeGate('Gate@a');
    const watch = watched([a]);
    await watch.says('Gate@a watching');
    let asked = 0;
    a.before = (fn) => {
      asked += 1;
      throw new CallError({reason: 'timeout', node: 'Gate@a', fn}, 'Gate@a did not answer');
    };
    for (const times of [1, 2]) {
      await until(watch.sleeping);
      watch.tick();
      await until(() => asked === times);
    }
    a.before = () => {};
    a.forgetWatch();
    await until(watch.sleeping);
    watch.tick();
    await until(() => texts(watch.heard).filter((text) => text === 'Gate@a watching').length === 2);
    expect(texts(watch.heard)).toEqual([
      'Gate@a watching',
      'Gate@a silent',
      'Gate@a gap ?',
      'Gate@a watching',
    ]);
    a.emit({kind: 'connected', session: ofUser('u9')});
    await watch.says('Gate@a connected u9');
    await watch.end();
  });

  test('renews leases at once when the bus is back', async () => {
    const a = new FakeGate('Gate@a');
    const watch = watched([a]);
    await until(() => watch.sleeping());
    a.forgetWatch();
    watch.bus.back();
    await watch.says('Gate@a gap ?');
    await watch.end();
  });

  test('follows gates that join and leave', async () => {
    const [a, b] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    const watch = watched([a, b]);
    await watch.says('Gate@b watching');
    watch.registry.become([aNode('Gate@b')]);
    await watch.says('Gate@a gone');
    watch.registry.become([aNode('Gate@a', {source: 'nats'}), aNode('Gate@b')]);
    await until(() => texts(watch.heard).filter((text) => text === 'Gate@a watching').length === 2);
    await watch.end();
  });

  test('delays the first call to a gate new in etcd or consul', async () => {
    const [a, b] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    const watch = watched([a, b]);
    await watch.says('Gate@b watching');
    watch.registry.become([aNode('Gate@b')]);
    await watch.says('Gate@a gone');
    const asked = a.calls.length;
    const waits = watch.waits.length;
    watch.registry.become([aNode('Gate@a', {source: 'etcd'}), aNode('Gate@b')]);
    await until(() => watch.waits.slice(waits).includes(2000));
    expect(a.calls.length).toBe(asked);
    watch.tick();
    await until(() => a.calls.length > asked);
    await watch.end();
  });

  test('reports once that a stock gate cannot be watched', async () => {
    const a = new FakeGate('Gate@a');
    a.stock = true;
    const watch = watched([a]);
    await watch.says('Gate@a unsupported');
    expect(watch.sleeping()).toBe(false);
    await watch.end();
  });
});

test('C11: rejects events when the queue is full until the reader catches up', async () => {
  const queue = new EventQueue<number>(2);
  expect([queue.put(1), queue.put(2), queue.put(3)]).toEqual([true, true, false]);
  const reader = queue[Symbol.asyncIterator]();
  expect((await reader.next()).value).toBe(1);
  expect(queue.put(4)).toBe(true);
  queue.end();
  const rest: number[] = [];
  for (let one = await reader.next(); one.done !== true; one = await reader.next()) rest.push(one.value);
  expect(rest).toEqual([2, 4]);
});
