// Listings of gates that lie: cursors that come again or are ever new, empty pages, more rows than there are.
import {PageGuard} from '../../../src/cluster/read/page-guard.js';
import {streamPages} from '../../../src/cluster/read/stream-pages.js';
import type {ClusterNode} from '../../../src/registry/registry.js';
import {holds, type Target} from '../target.js';

const node = (id: string): ClusterNode => ({
  ...{id, type: 'Gate', address: id, version: '', metadata: {}},
  ...{subjectPerFunction: false, source: 'fuzz'},
});

const mostPages = 2000;

export const pageStreams: Target = {
  name: 'page-streams',
  seeds: [
    Buffer.of(5, 1, 1),
    Buffer.of(5, 1, 1, 2, 1),
    Buffer.of(200, 255, 0),
    Buffer.of(0, 255, 9, 0, 3),
    Buffer.of(9, 1, 4, 2, 4, 0, 1),
  ],
  words: [Buffer.of(255, 0), Buffer.of(255, 7), Buffer.of(1, 0, 2, 0), Buffer.of(0, 1)],
  /** The first byte is what the gate claims; then two a page: cursor (0 ends, 255 is a new one) and rows. Then all over again. */
  async run(input) {
    const [claimed = 0] = input;
    const script = input.subarray(1, 1 + 2 * Math.floor((input.length - 1) / 2));
    let pages = 0;
    let now = 0;
    const listing = streamPages<number>({
      expected: [node('lies'), node('honest')],
      now: () => now,
      guard: ({id}) =>
        new PageGuard({
          ...{node: id, fn: 'GatectlList', looksPerPage: 10, silenceMs: 1000},
          claim: async () => claimed,
          now: () => now,
        }),
      page: async ({id}) => {
        if (id === 'honest') return {rows: [1], next: ''};
        now += 1;
        const at = script.length === 0 ? 0 : (pages * 2) % script.length;
        const [cursor = 0, rows = 0] = script.subarray(at, at + 2);
        pages += 1;
        holds(pages < mostPages, 'a listing ends');
        const next = cursor === 0 ? '' : cursor === 255 ? `new ${pages}` : `c${cursor}`;
        return {rows: Array.from({length: rows}, () => 0), next};
      },
    });
    const rows: number[] = [];
    for await (const row of listing.rows) rows.push(row);
    const honest = rows.filter((row) => row === 1).length;
    const lies = rows.length - honest;
    const outcomes = listing.outcomes();
    holds(outcomes.length === 2 && honest === 1, 'each gate has an outcome, and the others are listed');
    holds(lies <= 2 * claimed + 20 + 3 * 255, 'no more rows than a gate may have');
  },
};
