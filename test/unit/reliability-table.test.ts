import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';

const ranges = ['A01-16', 'B01-19', 'C01-20', 'D01-23', 'E01-04', 'E07-15', 'F02-18', 'G01-17', 'H01-20'];
const ids = ranges.flatMap((range) => {
  const [, group = '', first, last] = /^(\w)(\d+)-(\d+)$/.exec(range) ?? [];
  const numbers = Array.from({length: Number(last) - Number(first) + 1}, (_, at) => Number(first) + at);
  return numbers.map((number) => `${group}${String(number).padStart(2, '0')}`);
});

const rows = readFileSync('docs/reliability.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', tests = '', note = ''] = /^\| ([A-H]\d\d) \| (.*?) \| (.*?) ?\|$/.exec(line) ?? [];
    return id === ''
      ? []
      : [{id, files: [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file), note}];
  });

/** Whether a name of a test or of a group of tests in the file begins with the id. */
const namesIt = (file: string, id: string): boolean =>
  new RegExp(`['"\`](?:[A-H]\\d\\d,? (?:and )?)*${id}\\b`).test(readFileSync(file, 'utf8'));

describe('docs/reliability.md', () => {
  test('has one row for each id', () => {
    expect(rows.map(({id}) => id)).toEqual(ids);
  });

  test('has tests where each row says, or says why there is none', () => {
    const missing = rows.flatMap(({id, files, note}) =>
      files.length === 0 && note === ''
        ? [id]
        : files.filter((file) => !namesIt(file, id)).map((file) => `${id} in ${file}`),
    );
    expect(missing).toEqual([]);
  });
});
