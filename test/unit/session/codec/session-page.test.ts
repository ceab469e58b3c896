import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {
  decodePlainPage,
  decodeSessionPage,
  SessionPageWriter,
} from '../../../../src/session/codec/session-page.js';
import {RowCursor, settingOfRow} from '../../../../src/session/fast/row-cursor.js';
import {validatePage} from '../../../../src/session/fast/validate-page.js';
import type {SessionPage} from '../../../../src/session/gate-api.js';
import type {SessionRow} from '../../../../src/session/session.js';
import {anyRow, pageOfRows} from '../../../support/session-arbitrary.js';
import {runs} from '../../../support/tiers.js';

const numbers = {connectedAt: 1, lastActiveAt: 2, received: 3, sent: 4};
const plainly = ({rows, next, now, filtered, sorted}: SessionPage) => ({
  rows: [...rows],
  next,
  now,
  filtered,
  sorted,
});

/** What a decoder says of bytes, be it yes or no. */
function verdict(decode: (bytes: Buffer) => SessionPage, bytes: Buffer): unknown {
  try {
    return plainly(decode(bytes));
  } catch (error) {
    return String(error);
  }
}

const page = (sessions: readonly Uint8Array[]): Buffer => {
  const writer = new SessionPageWriter();
  for (const session of sessions) writer.add({session, ...numbers});
  return writer.finish('next');
};

describe('walking a page', () => {
  test("returns the plain decoder's rows", () => {
    fc.assert(
      fc.property(fc.array(anyRow, {maxLength: 6}), fc.string(), (rows, next) => {
        const bytes = pageOfRows(rows, next.toWellFormed());
        expect(validatePage(bytes)?.count).toBe(rows.length);
        expect(plainly(decodeSessionPage(bytes))).toEqual(plainly(decodePlainPage(bytes)));
      }),
      {numRuns: runs(300)},
    );
  });

  const vectors: {readonly name: string; readonly hex: string}[] = JSON.parse(
    readFileSync('test/vectors/session.json', 'utf8'),
  );
  test.each(vectors)('agrees with the plain decoder on $name', ({hex}) => {
    const bytes = page([Buffer.from('0a0161', 'hex'), Buffer.from(hex, 'hex')]);
    expect(verdict(decodeSessionPage, bytes)).toEqual(verdict(decodePlainPage, bytes));
  });

  test('agrees with the plain decoder on random changes', () => {
    const change = fc.record({at: fc.nat(), byte: fc.integer({min: 0, max: 255}), cut: fc.boolean()});
    fc.assert(
      fc.property(
        fc.array(anyRow, {minLength: 1, maxLength: 3}),
        fc.array(change, {maxLength: 3}),
        (rows, changes) => {
          let bytes = pageOfRows(rows, 'next');
          for (const {at, byte, cut} of changes) {
            bytes[at % bytes.length] = byte;
            if (cut && at % 7 === 0) bytes = bytes.subarray(0, Math.max(1, at % bytes.length));
          }
          expect(verdict(decodeSessionPage, bytes)).toEqual(verdict(decodePlainPage, bytes));
        },
      ),
      {numRuns: runs(2000)},
    );
  });

  test('accepts any offset in memory', () => {
    const bytes = pageOfRows([
      {session: decodePlainPage(page([Buffer.from('1a02c3a4', 'hex')])).rows[0]!.session, ...numbers},
    ]);
    for (let offset = 0; offset < 8; offset += 1) {
      const moved = Buffer.concat([Buffer.alloc(offset, 0xff), bytes]).subarray(offset);
      expect(plainly(decodeSessionPage(moved))).toEqual(plainly(decodePlainPage(bytes)));
    }
  });

  test('takes the last of a repeated field, and empty text for half a map entry', () => {
    const session = Buffer.from(
      '1a0161' + '1a0162' + '42030a0178' + '4203120179' + '4206' + '0a0178' + '12017a',
      'hex',
    );
    const bytes = page([session]);
    expect(validatePage(bytes)).toBeDefined();
    expect(plainly(decodeSessionPage(bytes))).toEqual(plainly(decodePlainPage(bytes)));
    expect(decodeSessionPage(bytes).rows[0]?.session.userId).toBe('b');
  });
});

test('a cursor reads the same fields as a row', () => {
  fc.assert(
    fc.property(fc.array(anyRow, {minLength: 1, maxLength: 4}), (rows) => {
      const walk = validatePage(pageOfRows(rows));
      if (walk === undefined) throw new Error('a page of ours was not walked');
      const cursor = new RowCursor(walk);
      for (const [index, {session, ...others}] of decodePlainPage(walk.bytes).rows.entries()) {
        const {connectedAt, lastActiveAt, received, sent} = cursor.seek(index);
        expect({connectedAt, lastActiveAt, received, sent}).toEqual(others);
        for (const field of Object.keys(session) as (keyof SessionRow['session'])[])
          expect(cursor.session[field]).toEqual(session[field]);
        for (const key of [...Object.keys(session.settings), 'tcp', '用户', '', '__proto__'])
          expect(settingOfRow(cursor, key)).toBe(settingOfRow({session, ...others}, key));
      }
    }),
  );
});
