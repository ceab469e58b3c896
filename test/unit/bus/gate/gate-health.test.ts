import {expect, test} from 'vitest';
import {parseStatsReply} from '../../../../src/bus/gate/gate-replies.js';
import {parseGateInfo} from '../../../../src/bus/gate/parse-gate-info.js';
import {healthLevel} from '../../../../src/session/gate-health.js';

const totals = Object.fromEntries(
  'now startedAt sessions bound connects disconnects received sent dirty'.split(' ').map((name) => [name, 1]),
);

test("reads only the known numbers of a gate's health", () => {
  const sent = {
    loopDelayMs: 3,
    waitingBytes: -1,
    heapBytes: '5',
    residentBytes: Number.NaN,
    goroutines: 0,
    other: 1,
  };
  const health = {loopDelayMs: 3, goroutines: 0};
  expect(parseStatsReply({...totals, health: sent}).health).toEqual(health);
  expect(parseGateInfo({protocol: 1, health: sent}, 'Gate@a').health).toEqual(health);
  for (const none of [undefined, null, 7, 'well'])
    expect(parseStatsReply({...totals, health: none})).not.toHaveProperty('health');
});

test('the reason of a failed write comes with the totals', () => {
  expect(parseStatsReply({...totals, failure: 'connection refused'}).failure).toBe('connection refused');
  expect(parseStatsReply({...totals, failure: 7})).not.toHaveProperty('failure');
});

test('levels begin at their thresholds, and need a known value', () => {
  const levels = [199, 200, 999, 1000].map((loopDelayMs) => healthLevel({loopDelayMs}, 'loopDelayMs'));
  expect(levels).toEqual([undefined, 'warn', 'warn', 'bad']);
  const heap = (heapBytes: number) => healthLevel({heapBytes, heapLimitBytes: 100}, 'heapShare');
  expect([74, 75, 90].map(heap)).toEqual([undefined, 'warn', 'bad']);
  expect(healthLevel({heapBytes: 2 ** 40}, 'heapShare')).toBeUndefined();
  expect(healthLevel({}, 'waitingBytes')).toBeUndefined();
});
