import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';

const ranges = {A: 16, B: 19, C: 20, D: 23, H: 20};
const ids = Object.entries(ranges).flatMap(([group, most]) =>
  Array.from({length: most}, (_, at) => `${group}${String(at + 1).padStart(2, '0')}`),
);

const rows = readFileSync('docs/reliability.md', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', tests = '', note = ''] = /^\| ([A-DH]\d\d) \| (.*?) \| (.*?) ?\|$/.exec(line) ?? [];
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

  test.each(rows)('$id is tested where it says, or it says that it is not', ({id, files, note}) => {
    for (const file of files) expect(namesIt(file, id), `${id} in ${file}`).toBe(true);
    if (files.length === 0) expect(note).not.toBe('');
  });
});
