import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';

const promises = ['A01-16', 'B01-19', 'C01-20', 'D01-23', 'E01-04', 'E07-15', 'F02-19', 'G01-17', 'H01-20'];
const faults = ['A1-7', 'B1-6', 'C1-12', 'D1-13'];

/** `A01-03` is A01, A02 and A03; `A1-3` is A1, A2 and A3. */
function idsIn(range: string): readonly string[] {
  const [, group = '', first = '', last = ''] = /^(\w)(\d+)-(\d+)$/.exec(range) ?? [];
  const numbers = Array.from({length: Number(last) - Number(first) + 1}, (_, at) => Number(first) + at);
  return numbers.map((number) => `${group}${String(number).padStart(first.length, '0')}`);
}

interface Row {
  readonly id: string;
  /** Every cell between the id and the tests: what must hold, and for a fault its kind. */
  readonly texts: readonly string[];
  readonly files: readonly string[];
}

const [promisesPart = '', faultsPart = ''] = readFileSync('docs/reliability.md', 'utf8').split(
  '## Faults found by attack',
);

function rowsOf(part: string): readonly Row[] {
  return [...part.matchAll(/^\| ([A-H]\d+) \| (.*) \|$/gm)].map(([, id = '', cells = '']) => {
    const texts = cells.split(' | ');
    const tests = texts.pop() ?? '';
    return {id, texts, files: [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)};
  });
}

/** Whether a name of a test or of a group of tests in the file begins with the id. */
const hasTestOf = (file: string, id: string): boolean =>
  (file.endsWith('.go')
    ? new RegExp(`^func Test${id}[A-Z]`, 'm')
    : new RegExp(`['"\`](?:[A-H]\\d+,? (?:and )?)*${id}\\b`)
  ).test(readFileSync(file, 'utf8'));

describe.each([
  {table: 'promises', ids: promises.flatMap(idsIn), rows: rowsOf(promisesPart), texts: 1},
  {table: 'faults found by attack', ids: faults.flatMap(idsIn), rows: rowsOf(faultsPart), texts: 2},
])('docs/reliability.md: $table', ({ids, rows, texts}) => {
  test('has one row for each id', () => {
    expect(rows.map(({id}) => id)).toEqual(ids);
  });

  test('says in each row what must hold', () => {
    expect(rows.filter((row) => row.texts.filter(Boolean).length !== texts).map(({id}) => id)).toEqual([]);
  });

  test('names files that have a test of the id', () => {
    const missing = rows.flatMap(({id, files}) =>
      files.length === 0
        ? [id]
        : files.filter((file) => !hasTestOf(file, id)).map((file) => `${id} in ${file}`),
    );
    expect(missing).toEqual([]);
  });
});
