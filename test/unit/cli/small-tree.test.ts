import {inspect} from 'node:util';
import type {Command} from 'commander';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {catalogue} from '../../../src/cli/catalogue.js';
import {globalFlags} from '../../../src/cli/global-flags.js';
import {buildProgram, inputOf} from '../../../src/cli/program.js';

/** What a line was understood as, by the tree of these words or by the whole one; undefined when it was not. */
async function understood(line: readonly string[], words: readonly string[] | undefined) {
  let ran: string | undefined;
  const program: Command = buildProgram({
    line: words,
    write: () => {},
    columns: undefined,
    entering: () => {},
    run: ({path}, _, command) => {
      ran = inspect({path, input: inputOf(command), flags: program.opts()}, {depth: 8});
      return Promise.resolve();
    },
  });
  await program.parseAsync(line, {from: 'user'}).catch(() => {});
  return ran;
}

const names = globalFlags.flatMap(({flags}) => flags.match(/--?[\w-]+/g) ?? []);
const values = [
  'x',
  'json',
  '2s',
  'a=b',
  '0a00',
  'nats://h',
  '-',
  '--',
  '-qv',
  '-ojson',
  '-V',
  '--version',
  'help',
];
const word = fc.oneof(
  fc.constantFrom(...catalogue.flatMap(({path}) => path.split(' '))),
  fc.constantFrom(...names),
  fc.constantFrom(...names.map((name) => `${name}=x`)),
  fc.constantFrom(...values),
);
const before = fc.array(word, {maxLength: 3});
const after = fc.array(word, {maxLength: 5});

test('a line that the tree of its own words takes means the same to the whole tree', async () => {
  const counted = {understood: 0};
  const line = fc.tuple(before, fc.constantFrom(...catalogue), after);
  await fc.assert(
    fc.asyncProperty(line, async ([flags, {path}, more]) => {
      const typed = [...flags, ...path.split(' '), ...more];
      const small = await understood(typed, typed);
      if (small === undefined) return; // the whole tree is asked then
      counted.understood += 1;
      expect(small).toEqual(await understood(typed, undefined));
    }),
    {numRuns: 2000},
  );
  expect(counted.understood).toBeGreaterThan(50);
});

test.each(catalogue.map((entry) => [entry.path, entry] as const))(
  '%s: the tree of its own words takes its examples',
  async (path, {load}) => {
    const {examples} = await load();
    const plain = examples.filter((line) => line.startsWith(`gatectl ${path}`) && !/['"|<>;$\\]/.test(line));
    for (const line of plain) {
      const typed = line.split(/\s+/).slice(1);
      const small = await understood(typed, typed);
      expect(small, line).toContain(`path: '${path}'`);
      expect(small).toEqual(await understood(typed, undefined));
    }
  },
);
