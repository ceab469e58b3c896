import {afterAll, beforeAll, expect, test} from 'vitest';
import type {LocatedRecord} from '../../../../../src/cluster/cluster.js';
import {parseRecordOrder, recordsInOrder} from '../../../../../src/cluster/records/record-order.js';
import {encodeSession} from '../../../../../src/session/codec/session-protobuf.js';
import {DecodedRowBatch, type RowBatch} from '../../../../../src/session/fast/row-batch.js';
import {newSession, stringBag} from '../../../../../src/session/session.js';
import {FakeGate} from '../../../../support/fake-gate.js';
import {gatectl} from '../../../../support/run-cli.js';

const hour = 3_600_000;
const gate = new FakeGate('Gate@a');

function record(uid: string, level: string, expiresAt: number | undefined): void {
  const session = newSession({userId: uid, sessionId: `s-${uid}`, settings: stringBag([['level', level]])});
  const value = Buffer.from(encodeSession(session));
  gate.records.set(uid, {uid, value, revision: '1', expiresAt});
}

beforeAll(() => {
  record('b', '3', Date.now() + 2 * hour);
  record('a', '20', 0);
  record('d', '', undefined);
  record('c', '1', Date.now() + hour);
});
afterAll(() => gate.records.clear());

const uids = async (words: string): Promise<string> => {
  const run = await gatectl(`records list ${words} -o ids`, {gates: [gate]});
  expect(run, run.err).toMatchObject({code: 0});
  return run.out.trim().split('\n').join(' ');
};

test.each([
  ['uid', 'a b c d'],
  ['uid:desc', 'd c b a'],
  ['-uid', 'd c b a'],
  ['id', 'a b c d'],
  ['session', 'a b c d'],
  ['settings.level', 'd c a b'],
  ['bytes:asc', 'd b c a'],
  ['expires', 'a b c d'],
  ['expires:asc', 'd c b a'],
])('records list --sort %s', async (order, sorted) => {
  expect(await uids(`--sort ${order}`)).toBe(sorted);
});

test('a limit and a filter apply to the sorted records', async () => {
  expect(await uids('--sort uid:desc --limit 2')).toBe('d c');
  expect(await uids('--sort uid:desc --limit 2 --where uid!="d"')).toBe('c b');
});

test('a column that no record has is refused with those that can be sorted by', async () => {
  expect(await gatectl('records list --sort age', {gates: [gate]})).toMatchObject({
    code: 2,
    err: expect.stringMatching(
      /cannot sort by "age"\nhint: .*uid, id, gate, network, ip, bytes, expires, settings\.<key>/,
    ),
  });
});

async function* pages(count: number): AsyncGenerator<RowBatch<LocatedRecord>> {
  for (let at = 0; at < count; at += 500) {
    const page = Buffer.alloc(500 * 100);
    yield new DecodedRowBatch(
      Array.from({length: 500}, (_, index): LocatedRecord => {
        const uid = `u${String(((at + index) * 7919) % count).padStart(7, '0')}`;
        const value = page.subarray(index * 100, (index + 1) * 100);
        const rest = {revision: '', expiresAt: 0, node: 'store', session: undefined, undecodable: undefined};
        return {uid, value, ...rest};
      }),
    );
  }
}

const sorted = async (count: number, limit: number | undefined): Promise<readonly LocatedRecord[]> => {
  const rows: LocatedRecord[] = [];
  for await (const batch of recordsInOrder(pages(count), parseRecordOrder('uid'), limit))
    rows.push(...batch.rows);
  return rows;
};

test('a sorted listing with a limit keeps no memory of the pages', async () => {
  const rows = await sorted(20_000, 10);
  expect(rows.map(({uid}) => uid)).toEqual(
    Array.from({length: 10}, (_, at) => `u${String(at).padStart(7, '0')}`),
  );
  for (const {value} of rows) expect(value.buffer.byteLength).toBe(100);
});

test('more than 200,000 records are not sorted without a limit', async () => {
  await expect(sorted(201_000, undefined)).rejects.toThrow('more than 200000 records to sort');
});
