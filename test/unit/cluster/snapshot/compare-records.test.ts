import {expect, test} from 'vitest';
import type {LocatedRecord} from '../../../../src/cluster/cluster.js';
import {decodeLocatedRecord} from '../../../../src/cluster/records/cluster-records.js';
import {RecordComparison, type RecordSide} from '../../../../src/cluster/snapshot/compare-records.js';

const record = (uid: string, byte: number): LocatedRecord =>
  decodeLocatedRecord('Gate@a', {uid, value: Buffer.from([byte]), revision: '', expiresAt: 0});

function side(count: number, recordAt: (at: number) => LocatedRecord): RecordSide & {reads: number} {
  const made = {
    incomplete: new Set<string>(),
    reads: 0,
    records: async function* () {
      made.reads += 1;
      for (let at = 0; at < count; at += 1) yield recordAt(at);
    },
  };
  return made;
}

test('reports more changed records than it holds, each once, in rounds', async () => {
  const after = side(1000, (at) => record(`u${at}`, 2));
  const comparison = new RecordComparison(
    side(1000, (at) => record(`u${at}`, 1)),
    after,
    64,
  );
  const uids: string[] = [];
  for await (const {kind, uid, before, after: now} of comparison.changes()) {
    expect([kind, before?.value[0], now?.value[0]]).toEqual(['changed', 1, 2]);
    uids.push(uid);
  }
  expect(uids.sort()).toEqual(Array.from({length: 1000}, (_, at) => `u${at}`).sort());
  expect(comparison.counts).toMatchObject({changed: 1000, recordsBefore: 1000, recordsAfter: 1000});
  expect(after.reads).toBe(1 + 16 + 1);
});
