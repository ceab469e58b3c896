import {inspect} from 'node:util';
import type {Command} from 'commander';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {catalogue} from '../../../../../src/cli/catalogue.js';
import {buildCommandTree, parsedInput} from '../../../../../src/cli/line/command-tree.js';
import {DeclarationRecorder} from '../../../../../src/cli/line/fast/declaration-recorder.js';
import {parseLineFast} from '../../../../../src/cli/line/fast/parse-line.js';
import {globalFlags} from '../../../../../src/cli/settings/global-flags.js';
import {runs} from '../../../../support/tiers.js';

/** As text, since a selector is compiled to functions. */
const textOf = (understood: {
  readonly path: string;
  readonly flags: object;
  readonly input: object;
}): string => inspect(understood, {depth: 8, sorted: true});

async function plainly(line: readonly string[]): Promise<string | undefined> {
  const understood = await parseLineFast(line);
  return understood && textOf({...understood, path: understood.entry.path, ...nothingElse});
}
const nothingElse = {entry: undefined, verb: undefined};

/** What commander makes of a line with the whole tree; undefined when it does not run a command. */
async function byCommander(line: readonly string[]): Promise<string | undefined> {
  let ran: string | undefined;
  const program: Command = buildCommandTree({
    write: () => {},
    columns: undefined,
    onEnter: () => {},
    run: ({path}, _, command) => {
      ran = textOf({path, flags: program.opts(), input: parsedInput(command), ...nothingElse});
      return Promise.resolve();
    },
  });
  await program.parseAsync(line, {from: 'user'}).catch(() => {});
  return ran;
}

const namesIn = (flags: string): readonly string[] => flags.match(/(?<!\w)--?[\w-]+/g) ?? [];
const globals = globalFlags.flatMap(({notation}) => namesIn(notation));
const values = [
  'x',
  'json',
  '2s',
  '7',
  'a=b',
  '0a00',
  'nats://h',
  '',
  '-',
  '--',
  '-qv',
  '-ojson',
  '-V',
  '--version',
];

/** The flags that a verb declares. */
async function flagsOf({load}: (typeof catalogue)[number]): Promise<readonly string[]> {
  const names: string[] = [];
  const recorder: unknown = new Proxy(
    {},
    {
      get: (_, method) =>
        function record(this: unknown, first: unknown) {
          const flags = typeof first === 'string' ? first : (first as {readonly flags?: string}).flags;
          if (method !== 'argument') names.push(...namesIn(flags ?? ''));
          return recorder;
        },
    },
  );
  (await load()).declare(recorder as Command);
  return names;
}

test('a line that the fast parser accepts has the same meaning for commander', async () => {
  const flags = new Map(
    await Promise.all(catalogue.map(async (entry) => [entry, await flagsOf(entry)] as const)),
  );
  expect([...flags.values()].flat().length).toBeGreaterThan(80);
  const line = fc.constantFrom(...catalogue).chain((entry) => {
    const own = flags.get(entry) ?? [];
    const names = [...globals, ...own, ...own, ...own];
    const word = fc.oneof(
      fc.constantFrom(...values),
      fc.constantFrom(...names),
      fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values)).map((both) => both.join('=')),
    );
    const pair = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values.slice(0, 6)));
    const words = (max: number) =>
      fc.array(
        fc.oneof(
          pair,
          word.map((one) => [one]),
        ),
        {maxLength: max},
      );
    return fc.record({path: fc.constant(entry.path.split(' ')), before: words(1), after: words(5)});
  });
  const counted = {understood: 0};
  await fc.assert(
    fc.asyncProperty(line, async ({path, before, after}) => {
      const typed = [...before.flat(), ...path, ...after.flat()];
      const plain = await plainly(typed);
      if (plain === undefined) return; // commander's anyway
      counted.understood += 1;
      expect(plain).toBe(await byCommander(typed));
    }),
    {numRuns: runs(4000)},
  );
  expect(counted.understood).toBeGreaterThan(runs(200));
});

test.each(catalogue.map((entry) => [entry.path, entry] as const))(
  '%s: its examples are understood plainly, where all that it declares is plain',
  async (path, {load}) => {
    const verb = await load();
    const declared = new DeclarationRecorder();
    verb.declare(declared as unknown as Command);
    const simple = verb.examples.filter(
      (line) => line.startsWith(`gatectl ${path}`) && !/['"|<>;$\\]| -- /.test(line),
    );
    for (const line of simple) {
      const typed = line.split(/\s+/).slice(1);
      const plain = await plainly(typed);
      expect(plain, line).toBe(declared.isPlain ? await byCommander(typed) : undefined);
      if (declared.isPlain) expect(plain, line).toContain(`path: '${path}'`);
    }
  },
);

test('lines with errors or a request for help are left to commander', async () => {
  const lines = [
    [],
    ['--help'],
    ['help'],
    ['sessions'],
    ['sessions', 'get'],
    ['sessions', 'get', 'a', 'b'],
    ['sessions', 'get', 'a b'],
    ['sessions', 'get', 'a', '--help'],
    ['sessions', 'get', 'a', '--nonsense'],
    ['sessions', 'get', 'a', '--timeout'],
    ['sessions', 'get', 'a', '-ojson'],
    ['decode', '0a00', '--as', 'nonsense'],
    ['--record', 'sessions', 'get', 'a'],
  ];
  for (const line of lines) expect(await plainly(line), line.join(' ')).toBeUndefined();
});
