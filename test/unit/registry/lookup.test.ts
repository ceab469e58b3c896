import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {nodeToRecord} from '../../../src/registry/node-record.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {FakeBus} from '../../support/fake-bus.js';
import {aNode} from '../../support/fake-registry.js';

const node = (at: number): ClusterNode => aNode(`Gate@${at}`, {source: 'nats'});

const nodes = (first: number, count: number): ClusterNode[] =>
  Array.from({length: count}, (_, at) => node(first + at));

interface Answer {
  readonly afterMs: number;
  readonly from: ClusterNode;
  readonly names: readonly ClusterNode[];
}

/**
 * A bus on which these answer the question, each so long after it. The timer of an answer is set just before, so that it comes
 * behind one of the lookup's that ends at the same time, as what is read does.
 */
function busAnswering(answers: readonly Answer[]): FakeBus {
  const bus = new FakeBus();
  bus.subscribe('$SRV.INFO', ({reply = ''}) => {
    for (const {afterMs, from, names} of answers) {
      const metadata = {
        node: JSON.stringify(nodeToRecord(from)),
        peers: JSON.stringify(names.map(nodeToRecord)),
      };
      const answer = () => bus.publish(reply, Buffer.from(JSON.stringify({metadata})));
      setTimeout(() => setTimeout(answer, 1), afterMs - 1);
    }
  });
  return bus;
}

describe('a lookup on the bus', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('waits longer for many silent named nodes, because they name others', async () => {
    const bus = busAnswering([
      {afterMs: 1, from: node(0), names: nodes(1, 32)},
      {afterMs: 1900, from: node(1), names: nodes(33, 32)},
    ]);
    const found = new NatsDiscovery({bus}).nodes('Gate');
    await vi.advanceTimersByTimeAsync(4000);
    expect(await found).toHaveLength(65);
  });

  test('does not wait long for a few silent nodes, which may have stopped', async () => {
    const bus = busAnswering([{afterMs: 1, from: node(0), names: nodes(1, 2)}]);
    let found: readonly ClusterNode[] = [];
    void new NatsDiscovery({bus}).nodes('Gate').then((some) => {
      found = some;
    });
    await vi.advanceTimersByTimeAsync(70);
    expect(found).toHaveLength(3);
  });

  test('accepts answers that arrived before its end', async () => {
    const bus = busAnswering([
      {afterMs: 1, from: node(0), names: []},
      {afterMs: 1 + 20, from: node(1), names: []}, // when it settles
    ]);
    const found = new NatsDiscovery({bus}).nodes('Gate');
    await vi.advanceTimersByTimeAsync(100);
    expect(await found).toHaveLength(2);
  });

  test('ends in bounded time, however many are silent', async () => {
    const answers = Array.from({length: 40}, (_, at): Answer => {
      return {afterMs: at * 200, from: node(at), names: nodes(100, 32)};
    });
    let found: readonly ClusterNode[] = [];
    void new NatsDiscovery({bus: busAnswering(answers)}).nodes('Gate', {timeoutMs: 1100}).then((some) => {
      found = some;
    });
    await vi.advanceTimersByTimeAsync(1110);
    expect(found).toHaveLength(6 + 32);
  });
});

describe('a watch on the bus', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('excludes a node that answered and left during the first lookup', async () => {
    const bus = busAnswering([
      {afterMs: 1, from: node(0), names: nodes(1, 1)},
      {afterMs: 1, from: node(2), names: []},
    ]);
    const stop = new AbortController();
    const first = new NatsDiscovery({bus}).watch('Gate', stop.signal).next();
    await vi.advanceTimersByTimeAsync(10);
    const goodbye = {...nodeToRecord(node(2)), bye: true};
    bus.publish('mqant.discovery.beat', Buffer.from(JSON.stringify(goodbye)));
    await vi.advanceTimersByTimeAsync(1000);
    expect((await first).value?.map(({id}) => id)).toEqual(['Gate@0', 'Gate@1']);
    stop.abort();
  });
});
