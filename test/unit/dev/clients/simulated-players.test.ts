import {describe, expect, test} from 'vitest';
import {pickRandom, seededRandom} from '../../../../src/dev/clients/seeded-random.js';
import {createPlayer} from '../../../../src/dev/clients/simulated-players.js';

function playersOf(seed: number, count: number) {
  const random = seededRandom(seed);
  return Array.from({length: count}, (_, index) => createPlayer(index + 1, random));
}

describe('simulated players', () => {
  test('are equal exactly for equal seeds', () => {
    expect(playersOf(1, 50)).toEqual(playersOf(1, 50));
    expect(playersOf(1, 50)).not.toEqual(playersOf(2, 50));
  });

  test('use both networks and protocols, some as guests', () => {
    const players = playersOf(1, 200);
    const share = (test: (player: (typeof players)[number]) => boolean) =>
      players.filter(test).length / players.length;
    expect(share(({network}) => network === 'tcp')).toBeCloseTo(0.5, 0);
    expect(share(({protocolVersion}) => protocolVersion === 5)).toBeCloseTo(0.5, 0);
    expect(share(({uid}) => uid === undefined)).toBeGreaterThan(0.08);
    expect(share(({uid}) => uid === undefined)).toBeLessThan(0.3);
  });

  test('have unique user ids and client ids', () => {
    const players = playersOf(7, 500);
    const uids = players.flatMap(({uid}) => uid ?? []);
    expect(new Set(uids).size).toBe(uids.length);
    expect(new Set(players.map(({clientId}) => clientId)).size).toBe(500);
  });

  test('get evenly distributed random numbers', () => {
    const random = seededRandom(42);
    const tens = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n += 1) {
      const ten = Math.floor(random() * 10);
      tens[ten] = (tens[ten] ?? 0) + 1;
    }
    expect(Math.min(...tens)).toBeGreaterThan(850);
    expect(Math.max(...tens)).toBeLessThan(1150);
    expect(pickRandom(() => 0.999999, ['a', 'b', 'c'])).toBe('c');
  });
});
