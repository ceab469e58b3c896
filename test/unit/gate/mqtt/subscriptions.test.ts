import {describe, expect, test} from 'vitest';
import {Subscriptions} from '../../../../src/gate/mqtt/subscriptions.js';

const subscribed = (...filters: readonly (readonly [string, number])[]): Subscriptions => {
  const subscriptions = new Subscriptions();
  for (const [filter, qos] of filters) subscriptions.add(filter, qos);
  return subscriptions;
};

describe('subscriptions', () => {
  test('grant at most QoS 1', () => {
    const subscriptions = new Subscriptions();
    expect([0, 1, 2].map((qos) => subscriptions.add(`t/${qos}`, qos))).toEqual([0, 1, 1]);
  });

  test.each([
    ['a/b', [['a/b', 0]], 0],
    ['a/b', [['a/+', 0]], 0],
    ['a/b', [['#', 0]], 0],
    ['a', [['a/#', 0]], 0],
    ['a/', [['a/+', 0]], 0],
    ['/a', [['+/+', 0]], 0],
    ['a/b', [['a/b/c', 0]], 1],
    ['a/b/c', [['a/b', 0]], 1],
    ['a/b', [['a', 0]], 1],
    ['a/b', [['A/b', 0]], 1],
    ['$gate/x', [['#', 0]], 1],
    ['$gate/x', [['+/x', 0]], 1],
    ['$gate/x', [['$gate/#', 0]], 0],
    ['a/b', [], 1],
    [
      'a/b',
      [
        ['#', 0],
        ['a/b', 1],
      ],
      1,
    ],
    [
      'a/b',
      [
        ['a/b', 1],
        ['a/b', 0],
      ],
      0,
    ],
  ] as const)('a push on %s with filters %j has QoS %i', (topic, filters, qos) => {
    expect(subscribed(...filters).qosOf(topic)).toBe(qos);
  });

  test('report whether a removed filter existed', () => {
    const subscriptions = subscribed(['a/b', 0]);
    expect([subscriptions.remove('a/b'), subscriptions.remove('a/b')]).toEqual([true, false]);
    expect(subscriptions.qosOf('a/b')).toBe(1);
  });

  test('hold a bounded amount of text, and accept more after a removal', () => {
    const subscriptions = new Subscriptions();
    const filter = (at: number) => `${at}/${'x'.repeat(1000)}`;
    let count = 0;
    while (subscriptions.add(filter(count), 0) !== undefined) count += 1;
    expect(count).toBe(61); // each takes 1,066 or 1,067 of 65,536
    expect(subscriptions.add(filter(0), 1), 'a known filter again').toBe(1);
    subscriptions.remove(filter(0));
    expect(subscriptions.add(filter(count), 1)).toBe(1);
  });
});
