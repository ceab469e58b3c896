import fc from 'fast-check';
import stringWidth from 'string-width';
import {describe, expect, test, vi} from 'vitest';
import type {LocatedRow} from '../../../../src/cluster/cluster.js';
import {fetchSessionPage} from '../../../../src/cluster/read/session-page.js';
import {ByteTextBuilder} from '../../../../src/output/fast/byte-text-builder.js';
import {type OutputFormat, outputFormats} from '../../../../src/output/formats/presenter.js';
import {writeRows} from '../../../../src/output/formats/write-rows.js';
import {formatDuration} from '../../../../src/output/text/humanize.js';
import {safeJson, safeText} from '../../../../src/output/text/safe-text.js';
import {sessionPresenter} from '../../../../src/presentation/session-presenter.js';
import {timeByteWriter, timeCellFormatter} from '../../../../src/presentation/time-format.js';
import {celStringLiteral} from '../../../../src/selector/cel-terms.js';
import {parseSelector} from '../../../../src/selector/selector.js';
import {decodePlainPage, decodeSessionPage} from '../../../../src/session/codec/session-page.js';
import {BatchedRows} from '../../../../src/session/fast/row-batch.js';
import {RowCursor} from '../../../../src/session/fast/row-cursor.js';
import type {GateApi} from '../../../../src/session/gate-api.js';
import {newSession, type SessionRow} from '../../../../src/session/session.js';
import {anyRow, anyText, pageOfRows} from '../../../support/session-arbitrary.js';
import {runs} from '../../../support/tiers.js';

const now = 1_770_000_000_000;

/** A gate that gives these rows in pages of so many; `plain` builds every row, as from a gate of another writer. */
function gateOf(rows: readonly SessionRow[], size: number, plain: boolean, nodeId = 'Gate@a'): GateApi {
  const list: GateApi['list'] = async ({after = ''}) => {
    const from = Number(after);
    const next = from + size < rows.length ? String(from + size) : '';
    const bytes = pageOfRows(rows.slice(from, from + size), next, now);
    return plain ? decodePlainPage(bytes) : decodeSessionPage(bytes);
  };
  return {nodeId, list} as Partial<GateApi> as GateApi;
}

const aRow = (userId: string): SessionRow => ({
  session: newSession({userId, sessionId: 's1', network: 'tcp'}),
  ...{connectedAt: now, lastActiveAt: now, received: 1, sent: 2},
});

type Where = Awaited<ReturnType<typeof parseSelector>>;

function listing(gate: GateApi, where?: Where): BatchedRows<LocatedRow> {
  async function* batches() {
    for (let after = ''; ; ) {
      const {batch, next} = await fetchSessionPage(gate, {after, where});
      if (batch !== undefined) yield batch;
      if (next === '') return;
      after = next;
    }
  }
  return new BatchedRows(batches());
}

async function written(
  rows: BatchedRows<LocatedRow>,
  format: OutputFormat,
  columns?: number,
): Promise<string> {
  const pieces: Buffer[] = [];
  const sink = {
    isTerminal: columns !== undefined,
    columns: columns ?? 80,
    write: async (text: string) => void pieces.push(Buffer.from(text)),
    writeBytes: async (bytes: Uint8Array) => void pieces.push(Buffer.from(bytes)),
    flush: async () => {},
  };
  const sheet = sessionPresenter(timeCellFormatter(format, now), timeByteWriter(format, now));
  await writeRows(sink, format, sheet, rows, () => ({complete: true}), {columns});
  return Buffer.concat(pieces).toString();
}

describe('rows written from encoded bytes', () => {
  test.each(outputFormats)('as %s equals the output from decoded rows', async (format) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyRow, {maxLength: 12}),
        fc.integer({min: 1, max: 5}),
        fc.constantFrom('Gate@a', 'Gate@\\n', 'Gate@用', 'Gate@"x"'),
        async (rows, size, node) => {
          const plain = await written(listing(gateOf(rows, size, true, node)), format);
          expect(await written(listing(gateOf(rows, size, false, node)), format)).toBe(plain);
        },
      ),
      {numRuns: runs(150)},
    );
  });

  test.each([undefined, 60, 120])('as a table of very many rows on %s columns too', async (columns) => {
    const [first = []] = fc.sample(fc.array(anyRow, {minLength: 700, maxLength: 700}), {seed: 7, numRuns: 1});
    const plain = await written(listing(gateOf(first, 100, true)), 'table', columns);
    expect(await written(listing(gateOf(first, 100, false)), 'table', columns)).toBe(plain);
    expect(plain.split('\n')).toHaveLength(702);
  });

  test.each(['用户\u{200d}', 'C:\\a'])('does not decode a whole page for one row with %j', async (uid) => {
    const rows = Array.from({length: 200}, () => aRow(uid));
    const made = vi.spyOn(Buffer.prototype, 'toString');
    await written(listing(gateOf(rows, 200, false)), 'table');
    const characters = made.mock.results.reduce((sum, {value}) => sum + value.length, 0);
    made.mockRestore();
    expect(characters).toBeLessThan(3 * pageOfRows(rows).length); // 200 times as many with the whole page for each row
  });

  test('compare fields and settings in place with the same result as decoded rows', async () => {
    const name = fc.constantFrom('uid', 'id', 'network', 'ip', 'settings[key]');
    const rowAndText = anyRow.chain((row) => {
      const {userId, sessionId, network, settings} = row.session;
      const [key = 'x', value = ''] = Object.entries(settings)[0] ?? [];
      const near = [userId, sessionId, network, value, `${userId}a`, userId.slice(1)];
      return fc.tuple(
        fc.constant(row),
        fc.oneof(fc.constantFrom(...near), anyText),
        fc.constantFrom(key, 'x'),
      );
    });
    await fc.assert(
      fc.asyncProperty(
        rowAndText,
        name,
        fc.constantFrom('==', '!='),
        fc.boolean(),
        async (some, of, op, not) => {
          const [row, text, key] = some;
          const literal = celStringLiteral(text.toWellFormed());
          const field = of === 'settings[key]' ? `settings[${celStringLiteral(key)}]` : of;
          const comparison = not ? `!(${literal} ${op} ${field})` : `${field} ${op} ${literal}`;
          const where = await parseSelector(`${comparison} || ${field} ${op} "tcp"`);
          const page = decodeSessionPage(pageOfRows([row]));
          const cursor = new RowCursor(page.encoded ?? expect.fail('the page was decoded')).seek(0);
          expect(where.matches(cursor, 'Gate@a', now)).toBe(where.matches(row, 'Gate@a', now));
        },
      ),
      {numRuns: runs(500)},
    );
  });

  test('are copied out of their page when few are selected', async () => {
    const rows = Array.from({length: 40}, (_, at) => aRow(at % 20 === 0 ? '用户' : `user-${at}`));
    for (const plain of [true, false]) {
      const {batch} = await fetchSessionPage(gateOf(rows, 40, plain), {
        after: '',
        where: await parseSelector('uid == "用户"'),
      });
      expect(batch?.rows.map(({session}) => session.userId)).toEqual(['用户', '用户']);
      if (!plain) expect(batch?.encoded?.rows.bytes.length).toBeLessThan(200);
    }
  });

  test('are selected like decoded rows', async () => {
    const where = await parseSelector(
      'network == "tcp" || settings["10"] == "tcp" || received > 100 && !guest',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, {maxLength: 12}), async (rows) => {
        const plain = await written(listing(gateOf(rows, 5, true), where), 'jsonl');
        expect(await written(listing(gateOf(rows, 5, false), where), 'jsonl')).toBe(plain);
      }),
      {numRuns: runs(200)},
    );
  });
});

describe('ByteText', () => {
  const text = (write: (out: ByteTextBuilder) => void): string => {
    const out = new ByteTextBuilder(0);
    write(out);
    return out.view().toString();
  };

  test('escapes like safeText and safeJson', () => {
    fc.assert(
      fc.property(anyText, (some) => {
        const bytes = Buffer.from(some.toWellFormed());
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        expect(text((out) => out.safe(view, 0, bytes.length))).toBe(safeText(bytes.toString()));
        expect(text((out) => out.json(view, 0, bytes.length))).toBe(safeJson(bytes.toString()).slice(1, -1));
      }),
      {numRuns: runs(2000)},
    );
  });

  test('escapes each special byte at each position, and copies nothing beyond the text', () => {
    for (let length = 1; length <= 9; length += 1)
      for (let place = 0; place < length; place += 1)
        for (let code = 0; code < 0x100; code += 1) {
          const some = 'a'.repeat(place) + String.fromCharCode(code) + 'b'.repeat(length - place - 1);
          const bytes = Buffer.from(`x${some}x`);
          const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
          const [json, safe] = [
            text((out) => out.json(view, 1, bytes.length - 1)),
            text((out) => out.safe(view, 1, bytes.length - 1)),
          ];
          if (json !== safeJson(some).slice(1, -1) || safe !== safeText(some))
            expect.fail(JSON.stringify({some, json, safe}));
        }
  });

  test('counts two columns for each ideograph, and does not escape it', () => {
    for (let code = 0x4000; code <= 0x9fff; code += 1) {
      const some = String.fromCharCode(code);
      const bytes = Buffer.from(some);
      const out = new ByteTextBuilder(0);
      out.safe(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
      const isSame = out.view().toString() === safeText(some) && safeJson(some) === `"${some}"`;
      if (!isSame || out.isOdd || out.size - out.surplus !== stringWidth(some)) expect.fail(some);
    }
  });

  test('caches few dates, and writes the right one of many', () => {
    const day = fc.integer({min: 0, max: 2_932_896});
    fc.assert(
      fc.property(fc.array(day, {maxLength: 200}), (days) => {
        const times = days.flatMap((some) => [some * 86_400_000, (some + 64) * 86_400_000 - 1]);
        const written = text((out) => {
          for (const time of times) out.isoTime(time);
        });
        expect(written).toBe(times.map((time) => new Date(time).toISOString()).join(''));
      }),
      {numRuns: runs(100)},
    );
  });

  test('formats numbers, times and durations like the presenter of decoded rows', () => {
    const ms = fc.oneof(
      fc.nat(),
      fc.maxSafeNat(),
      fc.integer({max: 0}),
      fc.constantFrom(86_400_000, 59_999, 3_600_000),
    );
    fc.assert(
      fc.property(ms, (value) => {
        expect(text((out) => out.number(value))).toBe(String(value));
        expect(text((out) => out.duration(value))).toBe(formatDuration(value));
        const moment = Math.min(Math.abs(value), 8.64e15);
        expect(text((out) => out.isoTime(moment))).toBe(new Date(moment).toISOString());
      }),
      {numRuns: runs(2000)},
    );
  });
});
