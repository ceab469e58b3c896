import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Column} from '../../../../src/output/formats/presenter.js';
import {cliTable3Text, writeTable} from '../../../../src/output/formats/table.js';
import {formatRows} from '../../../../src/output/formats/table-lines.js';
import type {TextSink} from '../../../../src/output/terminal/io.js';
import {widthMeasure} from '../../../../src/output/terminal/width.js';
import {evilText} from '../../../support/evil.js';
import {runs} from '../../../support/tiers.js';

type Row = readonly [string, string, string];
const columns: readonly Column<Row>[] = [
  {header: 'ID', cell: ([id]) => id},
  {header: 'COUNT', cell: ([, count]) => count, align: 'right'},
  {header: 'NAME', cell: ([, , name]) => name},
];

async function table(rows: readonly Row[], width?: number): Promise<string> {
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
  await writeTable(sink, columns, rows, width === undefined ? {} : {columns: width});
  return text;
}

describe('a table', () => {
  test('lines its columns up, wide characters too', async () => {
    expect(
      await table([
        ['a', '1', '用户'],
        ['bcd', '1000', 'x'],
      ]),
    ).toBe(['ID   COUNT  NAME', 'a        1  用户', 'bcd   1000  x', ''].join('\n'));
  });

  test('A07: has a line for each row, whatever is in it', async () => {
    const rows: Row[] = [
      ['bob\nadmin  online', '1', 'x\tgate-9'],
      ['a'.repeat(400), '2', '\u2028'],
      [evilText, '3', evilText],
    ];
    expect((await table(rows)).trimEnd().split('\n')).toHaveLength(rows.length + 1);
    expect((await table(rows, 40)).trimEnd().split('\n')).toHaveLength(rows.length + 1);
  });

  test('A08: has no line wider than the terminal', async () => {
    const measure = await widthMeasure(['用']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({unit: 'grapheme'}), fc.string(), fc.string({unit: 'grapheme'})), {
          maxLength: 20,
        }),
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

  test('is the same from the writer for few rows and from the one for many', async () => {
    const cell = fc.oneof(fc.string({unit: 'grapheme-ascii'}), fc.constantFrom('', 'a b', ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell, cell), {minLength: 1, maxLength: 12}), async (cells) => {
        const rows = [['ID', 'COUNT', 'NAME'], ...cells];
        const measure = await widthMeasure(rows.flat());
        const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => measure(row[at] ?? ''))));
        const layout = {
          widths,
          right: [false, true, false],
          measure,
          header: (text: string) => `<${text}>`,
          headerAt: 0,
        };
        const trimmed = formatRows(rows, layout)
          .split('\n')
          .map((line) => line.trimEnd());
        expect((await cliTable3Text(rows, layout)).split('\n').map((line) => line.trimEnd())).toEqual(
          trimmed,
        );
      }),
      {numRuns: runs(300)},
    );
  });
});
