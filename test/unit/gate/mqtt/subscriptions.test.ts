import fc from 'fast-check';
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
    ['a/b/', [['a/b', 0]], 1],
    ['a/b', [['a/b/#', 0]], 0],
    ['a/b', [['+/+/+', 0]], 1],
    ['a/b/c', [['+/b/#', 0]], 0],
    ['a', [['a/+', 0]], 1],
    ['a/b', [['+', 0]], 1],
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

  test('match as a comparison of levels does', () => {
    const level = fc.constantFrom('', 'a', 'b', 'ab', '$a');
    const topics = fc.array(level, {minLength: 1, maxLength: 4}).map((levels) => levels.join('/'));
    const filters = fc
      .tuple(fc.array(fc.oneof(level, fc.constant('+')), {maxLength: 4}), fc.constantFrom([], ['#']))
      .map(([levels, end]) => [...levels, ...end].join('/'));
    const matches = (topic: string, filter: string): boolean => {
      const [levels, wanted] = [topic.split('/'), filter.split('/')];
      if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
      const isOpen = wanted.at(-1) === '#';
      const fixed = isOpen ? wanted.slice(0, -1) : wanted;
      const isLong = isOpen ? levels.length >= fixed.length : levels.length === fixed.length;
      return isLong && fixed.every((one, at) => one === '+' || one === levels[at]);
    };
    fc.assert(
      fc.property(topics, filters, (topic, filter) => {
        fc.pre(topic !== '' && filter !== '');
        const {subscribed: found} = subscribed([filter, 0]).state({topic}, 0);
        expect(found, `${topic} with ${filter}`).toBe(matches(topic, filter));
      }),
      {numRuns: 2000},
    );
  });

  test('are listed if they fit', () => {
    const subscriptions = subscribed(['a/b', 0], ['cd', 1]);
    const state = (roomBytes: number) => subscriptions.state({subscriptions: true}, roomBytes);
    expect(state(5)).toEqual({
      subscriptionCount: 2,
      subscriptions: [
        {filter: 'a/b', qos: 0},
        {filter: 'cd', qos: 1},
      ],
    });
    expect(state(4)).toEqual({subscriptionCount: 2});
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
