import {describe, expect, test} from 'vitest';
import {peersAfter} from '../../../src/registry/nats/nats-presence.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {aNode} from '../../support/fake-registry.js';

const nodes = (count: number): ClusterNode[] =>
  Array.from({length: count}, (_, at) => aNode(`Gate@${String((at * 7919) % count).padStart(4, '0')}`));

describe('the peers that a node names', () => {
  test('are all others in a small cluster', () => {
    const all = nodes(33);
    for (const {id} of all)
      expect(
        peersAfter(all, id)
          .map((node) => node.id)
          .sort(),
      ).toEqual(
        all
          .map((node) => node.id)
          .filter((other) => other !== id)
          .sort(),
      );
  });

  test('are 32 in a large one, and each node is named by 32 others', () => {
    const all = nodes(1000);
    const named = new Map<string, number>();
    for (const {id} of all) {
      const some = peersAfter(all, id);
      expect(some).toHaveLength(32);
      for (const node of some) named.set(node.id, (named.get(node.id) ?? 0) + 1);
    }
    expect(new Set(named.values())).toEqual(new Set([32]));
    expect(named.size).toBe(1000);
  });

  test('do not depend on whether the node knows itself', () => {
    const all = nodes(50);
    const [{id} = {id: ''}] = all;
    expect(peersAfter(all, id)).toEqual(peersAfter(all.slice(1), id));
  });
});
