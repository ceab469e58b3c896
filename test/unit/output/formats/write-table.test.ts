import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {formatTableRows} from '../../../../src/output/formats/format-table-rows.js';
import type {Column} from '../../../../src/output/formats/presenter.js';
import {
  formatWithCliTable3,
  type TableStyle,
  writeTable,
} from '../../../../src/output/formats/write-table.js';
import type {TextSink} from '../../../../src/output/terminal/io.js';
import {loadWidthMeasure} from '../../../../src/output/terminal/text-width.js';
import {evilText} from '../../../support/evil.js';
import {runs} from '../../../support/tiers.js';

type Row = readonly [string, string, string];
const columns: readonly Column<Row>[] = [
  {header: 'ID', cell: ([id]) => id},
  {header: 'COUNT', cell: ([, count]) => count, align: 'right'},
  {header: 'NAME', cell: ([, , name]) => name},
];

async function table(rows: readonly Row[], width?: number): Promise<string> {
  return await written(columns, rows, width === undefined ? {} : {columns: width});
}

async function fitted(
  shown: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): Promise<{readonly lines: readonly string[]; readonly notes: readonly string[]}> {
  const notes: string[] = [];
  const text = await written(shown, rows, {columns: width, onNarrow: (note) => notes.push(note)});
  return {
    lines: text
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd()),
    notes,
  };
}

async function written(
  shown: readonly Column<Row>[],
  rows: readonly Row[],
  style: TableStyle,
): Promise<string> {
  let text = '';
  const sink: TextSink = {
    isTerminal: true,
    columns: 80,
    write: async (more) => {
      text += more;
    },
    writeBytes: async () => {},
    flush: async () => {},
  };
  await writeTable(sink, shown, rows, style);
  return text;
}

describe('a table', () => {
  test('aligns its columns, also with wide characters', async () => {
    expect(
      await table([
        ['a', '1', '用户'],
        ['bcd', '1000', 'x'],
      ]),
    ).toBe(['ID   COUNT  NAME', 'a        1  用户', 'bcd   1000  x', ''].join('\n'));
  });

  test('A07: has one line per row, whatever the row contains', async () => {
    const rows: Row[] = [
      ['bob\nadmin  online', '1', 'x\tgate-9'],
      ['a'.repeat(400), '2', '\u2028'],
      [evilText, '3', evilText],
    ];
    expect((await table(rows)).trimEnd().split('\n')).toHaveLength(rows.length + 1);
    expect((await table(rows, 40)).trimEnd().split('\n')).toHaveLength(rows.length + 1);
  });

  test('A08: has no line wider than the terminal', async () => {
    const measure = await loadWidthMeasure(['用']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.string({unit: 'grapheme'}), fc.nat().map(String), fc.string({unit: 'grapheme'})),
          {
            maxLength: 20,
          },
        ),
        fc.integer({min: 30, max: 120}),
        async (rows, width) => {
          for (const line of (await table(rows as Row[], width)).split('\n')) {
            expect(measure(line)).toBeLessThanOrEqual(width);
          }
        },
      ),
      {numRuns: runs(300)},
    );
  });

  test('cuts cells, then drops columns in order, and reports it', async () => {
    const wide: readonly Column<Row>[] = [
      {header: 'ID', cell: ([id]) => id, fit: 'whole'},
      {header: 'IP', cell: ([, ip]) => ip, fit: 9, dropOrder: 2},
      {header: 'NETWORK', cell: () => 'websocket', dropOrder: 1},
      {header: 'NAME', cell: ([, , name]) => name},
    ];
    const row: Row = ['5f008e4b69780dc3', '203.0.113.200:56341', 'a name'];
    expect(await fitted(wide, [row], 60)).toEqual({
      lines: [
        'ID                IP                   NETWORK    NAME',
        '5f008e4b69780dc3  203.0.113.200:56341  websocket  a name',
      ],
      notes: [],
    });
    expect(await fitted(wide, [row], 50)).toEqual({
      lines: [
        'ID                IP             NETWORK    NAME',
        '5f008e4b69780dc3  203.0.113.20…  websocket  a name',
      ],
      notes: ['narrow terminal: cut IP; to show all: -o wide'],
    });
    expect(await fitted(wide, [row], 40)).toEqual({
      lines: ['ID                IP              NAME', '5f008e4b69780dc3  203.0.113.200…  a name'],
      notes: ['narrow terminal: left out NETWORK; cut IP; to show all: -o wide'],
    });
    expect((await fitted(wide, [row], 20)).lines).toEqual([
      'ID                NAME',
      '5f008e4b69780dc3  a name',
    ]);
  });

  test('never cuts an id: a long id widens its own line, also after the widths are fixed', async () => {
    const ids: readonly Column<Row>[] = [
      {header: 'ID', cell: ([id]) => id, fit: 'whole'},
      {header: 'NAME', cell: ([, , name]) => name},
    ];
    const long = 'u'.repeat(300);
    const some = Array.from({length: 600}, (_, at): Row => [`u${at}`, '', 'x']);
    for (const rows of [
      [...some.slice(0, 3), [long, '', 'x'] as const],
      [...some, [long, '', 'x'] as const],
    ]) {
      const {lines} = await fitted(ids, rows, 60);
      expect(lines.at(-1)).toBe(`${long}  x`);
      expect(lines[1]?.length).toBeLessThan(60);
    }
  });

  test('wraps text at spaces, and keeps a command in one piece', async () => {
    const advice: readonly Column<Row>[] = [
      {header: 'CHECK', cell: ([id]) => id, fit: 'whole'},
      {header: 'NEXT', cell: ([, , next]) => next, fit: 'wrap'},
    ];
    const next = 'list the sessions: gatectl sessions find u42';
    expect((await fitted(advice, [['uid', '', next]], 34)).lines).toEqual([
      'CHECK  NEXT',
      'uid    list the sessions: gatectl',
      '       sessions find u42',
    ]);
  });

  test('is the same for the buffered and the streaming writer', async () => {
    const cell = fc.oneof(fc.string({unit: 'grapheme-ascii'}), fc.constantFrom('', 'a b', ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), {minLength: 1, maxLength: 12}), async (cells) => {
        const rows = [['ID', 'COUNT', 'NAME'], ...cells];
        const measure = await loadWidthMeasure(rows.flat());
        const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => measure(row[at] ?? ''))));
        const layout = {
          widths,
          right: [false, true, false],
          fit: ['whole', 'whole', 'cut'] as const,
          measure,
          header: (text: string) => `<${text}>`,
          headerAt: 0,
        };
        const trimmed = formatTableRows(rows, layout)
          .split('\n')
          .map((line) => line.trimEnd());
        expect((await formatWithCliTable3(rows, layout)).split('\n').map((line) => line.trimEnd())).toEqual(
          trimmed,
        );
      }),
      {numRuns: runs(300)},
    );
  });
});
