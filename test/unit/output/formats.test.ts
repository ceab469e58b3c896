import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {csvLine} from '../../../src/output/formats/csv.js';
import {dangersIn, evilSession, evilText} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

const someGates = () => [
  new FakeGate('Gate@a', [
    aRow({
      sessionId: 'aaaaaaaaaaaaaaaa',
      userId: 'neo',
      settings: {y: 'no', n: '0123', 'a b': 'x: y # z', '*k': '', d: '2026-01-01'},
    }),
    aRow(evilSession('bbbbbbbbbbbbbbbb', 'Gate@a')),
  ]),
];

describe('YAML', () => {
  test('has the same content as JSON', async () => {
    const json = JSON.parse((await gatectl('sessions list -o json', {gates: someGates()})).out);
    const {out} = await gatectl('sessions list -o yaml', {gates: someGates()});
    const yaml = parse(out, {version: '1.1'});
    const timeless = (document: typeof json) => ({
      ...document,
      gates: document.gates.map(({node}: {node: string}) => node),
    });
    expect(timeless(yaml)).toEqual(timeless(json));
    expect(dangersIn(out)).toEqual([]);
    expect(out.split('\n').filter((line) => line.startsWith('- '))).toHaveLength(2);
  });

  test('prints one object and an empty list', async () => {
    const one = await gatectl('sessions get aaaaaaaaaaaaaaaa -o yaml', {gates: someGates()});
    expect(parse(one.out)).toMatchObject({
      version: 1,
      id: 'aaaaaaaaaaaaaaaa',
      settings: {y: 'no', n: '0123'},
    });
    const none = await gatectl('sessions list -o yaml', {gates: [new FakeGate('Gate@a')]});
    expect(parse(none.out)).toMatchObject({version: 1, items: [], complete: true});
  });
});

describe('A11: CSV', () => {
  test('has a header, one line per row, and the same number of cells in each', async () => {
    const {out} = await gatectl('sessions list -o csv', {gates: someGates()});
    const rows = out.trimEnd().split('\n').map(cellsOf);
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map((row) => row.length)).size).toBe(1);
    expect(rows[0]?.slice(0, 3)).toEqual(['ID', 'UID', 'GATE']);
    expect(out.startsWith('"ID",')).toBe(true); // Excel refuses a file that starts with ID, as SYLK
  });

  test.each([
    ['=HYPERLINK("http://evil.test")', `"'=HYPERLINK(""http://evil.test"")"`],
    ['@SUM(1)', "'@SUM(1)"],
    ['-1+1', "'-1+1"],
    ['＝1', "'＝1"],
    ['\t=1', '\\t=1'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\r\nb', 'a\\r\\nb'],
    ['plain 一', 'plain 一'],
  ])('%j is written %s', (text, written) => expect(csvLine([text])).toBe(written));

  test('separates cells, whatever they contain', () => {
    fc.assert(
      fc.property(fc.array(fc.string({unit: 'binary'}), {minLength: 1, maxLength: 6}), (cells) => {
        const line = csvLine([...cells, evilText]);
        expect(line).not.toContain('\n');
        expect(cellsOf(line)).toHaveLength(cells.length + 1);
        expect(dangersIn(line)).toEqual([]);
      }),
    );
  });
});

/** As RFC 4180 reads a line. */
function cellsOf(line: string): string[] {
  const cells = [''];
  let isQuoted = false;
  for (const char of line) {
    if (char === '"')
      isQuoted = !isQuoted; // a doubled quote closes and opens again
    else if (char === ',' && !isQuoted) cells.push('');
    else cells[cells.length - 1] += char;
  }
  return cells;
}
