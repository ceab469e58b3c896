import {readdirSync, readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {expect, test} from 'vitest';
import {isThorough} from '../support/tiers.js';

/** Of all files of src: a regular expression that is slow on an operator's own argument is a nuisance too. */
interface Found {
  readonly where: string;
  readonly pattern: string;
  readonly flags: string;
}

interface SyntaxNode {
  readonly type?: string;
  readonly pattern?: string;
  readonly flags?: string;
  readonly loc?: {readonly start: {readonly line: number}};
}

const {parse} = createRequire(import.meta.url)('@babel/parser') as {
  parse(code: string, options: object): SyntaxNode;
};

function* literals(node: unknown): Generator<SyntaxNode, void, undefined> {
  if (typeof node !== 'object' || node === null) return;
  if ((node as SyntaxNode).type === 'RegExpLiteral') yield node as SyntaxNode;
  for (const child of Object.values(node)) if (typeof child === 'object') yield* literals(child);
}

/** Those that see a number of our own, and what an operator types into the dashboard's line. */
const notRemote = new Set(['\\B(?=(\\d{3})+$)', '^(.*?)([\\p{L}\\p{N}_.]*)$']);

const root = path.resolve('src');
const found: readonly Found[] = readdirSync(root, {recursive: true, encoding: 'utf8'})
  .filter((name) => /\.tsx?$/.test(name))
  .flatMap((name) => {
    const code = readFileSync(path.join(root, name), 'utf8');
    const tree = parse(code, {
      sourceType: 'module',
      plugins: ['typescript', 'jsx', 'explicitResourceManagement'],
      attachComment: false,
    });
    return [...literals(tree)].map(({pattern = '', flags = '', loc}) => ({
      where: `${name}:${loc?.start.line}`,
      pattern,
      flags,
    }));
  });

const bricks = [
  'a',
  '0',
  ' ',
  '/',
  '@',
  ',',
  ':',
  '.',
  '=',
  '"',
  '\\',
  '\\x',
  '%',
  'a@',
  '1.',
  '0x',
  '://',
  ' a',
  'a,',
  '名',
  '${',
  '\r\n',
];
const attacksOf = (size: number): string[] =>
  bricks.flatMap((brick) => {
    const long = brick.repeat(Math.ceil(size / brick.length));
    return [`${long}!`, `nats://${long}!`, `"${long}\u0000`];
  });
const [small, large] = [attacksOf(10_000), attacksOf(100_000)];

/** The fastest of some tries, in milliseconds of the processor: those do not grow with what else the machine does. */
function tookAtBest(pattern: string, flags: string, attack: string, limitMs: number): number {
  let best = Number.POSITIVE_INFINITY;
  const regex = new RegExp(pattern, flags); // one for all tries: V8 interprets the first run of each, and compiles for the next
  for (let again = 0; again < 8 && best > limitMs; again += 1) {
    regex.lastIndex = 0;
    const started = process.cpuUsage();
    if (regex.global) attack.replace(regex, '');
    else regex.exec(attack);
    const {user, system} = process.cpuUsage(started);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/** Processor time of a linear regular expression for 100 KB: 2 to 4 ms, more on a slow machine. */
const linearMs = tookAtBest('^[\\p{L}]+$', 'u', `${'名'.repeat(100_000)}!`, 0);

/**
 * Milliseconds for 10 KB and for 100 KB. A regular expression that goes back over what it has read needs 50 for the first
 * and seconds for the second.
 */
const [smallMs, largeMs] = [10, Math.max(20, 8 * linearMs)];

/** Undefined where it is fast; a small input comes first, so that a slow one is found out in a second. */
function slowness({where, pattern, flags}: Found): string | undefined {
  for (const [attacks, limitMs] of [
    [small, smallMs],
    [isThorough ? large : [], largeMs],
  ] as const) {
    for (const attack of attacks) {
      const best = tookAtBest(pattern, flags, attack, limitMs);
      if (best > limitMs) return slow(where, pattern, best, attack);
    }
  }
  return undefined;
}

const slow = (where: string, pattern: string, ms: number, attack: string): string =>
  `${where} /${pattern}/ takes ${ms.toFixed(0)} ms for ${attack.length} of ${JSON.stringify(attack.slice(0, 12))}…`;

test('E15: the search finds the regular expressions of src', () => {
  expect(found.length).toBeGreaterThan(100);
});

test(
  'E15: runs every regular expression in linear time (10 KB, and 100 KB in the full tier)',
  () => {
    expect(
      found
        .filter(({pattern}) => !notRemote.has(pattern))
        .map(slowness)
        .filter((one) => one !== undefined),
    ).toEqual([]);
  },
  isThorough ? 120_000 : undefined,
);
