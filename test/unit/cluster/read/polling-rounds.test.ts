import {describe, expect, test} from 'vitest';
import type {Gathered} from '../../../../src/cluster/cluster.js';
import {PollingRounds} from '../../../../src/cluster/read/polling-rounds.js';

/** Gates that answer when they are told to. */
function gates() {
  const waiting = new Map<string, (answer: Gathered<number>) => void>();
  const asked: string[] = [];
  const answer = (gate: string, value: number): void =>
    waiting.get(gate)?.({
      expected: [],
      results: new Map([[gate, value]]),
      outcomes: [{node: gate, status: 'ok', ms: 1, count: 0}],
    });
  const ask = (gate: string) => {
    asked.push(gate);
    return new Promise<Gathered<number>>((resolve) => {
      waiting.set(gate, resolve);
      if (gate === 'quick') answer(gate, asked.length);
    });
  };
  return {ask, answer, asked};
}

const quick = {timeoutMs: 30, silentTimeoutMs: 5, now: Date.now};

describe('B6: polling gates', () => {
  test('does not wait for a silent gate, and marks only that one', async () => {
    const {ask, asked} = gates();
    const poller = new PollingRounds({ask, ...quick});
    for (let round = 0; round < 3; round += 1) {
      const {results, outcomes} = await poller.round(['quick', 'stopped']);
      expect([...results.keys()]).toEqual(['quick']);
      expect(outcomes.map(({node, status, reason}) => [node, status, reason])).toEqual([
        ['quick', 'ok', undefined],
        ['stopped', 'failed', 'timeout'],
      ]);
    }
    expect(asked.filter((gate) => gate === 'stopped')).toHaveLength(1);
  });

  test('uses a late reply in the next round, then asks again', async () => {
    const {ask, answer, asked} = gates();
    const poller = new PollingRounds({ask, ...quick});
    await poller.round(['slow']);
    answer('slow', 7);
    await new Promise(setImmediate);
    expect((await poller.round(['slow'])).results.get('slow')).toBe(7);
    expect((await poller.round(['slow'])).results.size).toBe(0);
    expect(asked).toEqual(['slow', 'slow']);
  });

  test("fails the round for errors that are not a gate's", async () => {
    const ask = () => Promise.reject(new Error('a bug'));
    await expect(new PollingRounds({ask, ...quick}).round(['a'])).rejects.toThrow('a bug');
  });
});
