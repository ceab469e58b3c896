import {spawnSync} from 'node:child_process';
import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {catalogue} from '../../../src/cli/catalogue.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {stringBag} from '../../../src/session/session.js';
import {wordsOf} from '../../support/console-blocks.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {type CliOutcome, type CliWorld, gatectl} from '../../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

/** Commands that run until they are stopped, or that change files of a project: they have live tests of their own. */
const elsewhere = new Set([
  'dashboard',
  'dev',
  'demo',
  'gate run',
  'gate passwd',
  'addon install',
  'metrics',
  'trace',
]);

const id = '5f0084b6970dc3';
const bytes = encodeSession(aSession({sessionId: id, userId: 'u1', network: 'tcp', ip: '10.0.0.1:5000'}));
const examples = (
  await Promise.all(
    catalogue
      .filter(({path: words}) => !elsewhere.has(words))
      .map(async ({path: words, load}) => (await load()).examples.map((line) => [words, line] as const)),
  )
).flat();

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(path.join(folder.path, 'store'));
  const file = (name: string): string => path.join(folder.path, name);
  await writeFile(file('offer.json'), '{}');
  await gatectl(`sessions kick --all --plan ${file('drain.plan')}`, world());
  for (const day of ['monday', 'tuesday'])
    await gatectl(`snapshot save ${file(day)}.jsonl --records`, world());
  await writeFile(file('records.jsonl'), (await gatectl('records export', world())).out);
});
afterAll(() => folder.remove());

function world(): CliWorld {
  const settings = stringBag([
    ['vip', '1'],
    ['turn', '7'],
    ['muted', '1'],
    ['room', 'old'],
  ]);
  const gate = new FakeGate('Gate@a1', [aRow({sessionId: id, userId: 'u42', settings}, {connectedAt: 1})]);
  gate.records.set('u42', {uid: 'u42', value: bytes, revision: '7', expiresAt: 0});
  const contexts = {prod: {server: 'nats://prod:4222'}, dev: {server: 'nats://prod:4222'}};
  return {gates: [gate], contexts, terminal: ['in', 'err'], stdin: 'y\ny\n', stateFolder: folder.path};
}

/** Lists on stdin by the name of their file; any other is of user ids. */
const lists: Readonly<Record<string, string>> = {ids: `${id}\n`, pairs: `${id} u42\n`};

/** Runs a pipeline; what redis-cli would print is a session, and files are below the temporary folder. */
async function run(line: string, some: CliWorld): Promise<CliOutcome> {
  const here = line
    .replaceAll(/\b[\w-]+\.(?:jsonl(?:\.gz)?|json|plan|capture|creds)\b/g, (name) =>
      path.join(folder.path, name),
    )
    .replaceAll(
      /\b(?:rediss?|jetstream|mongodb(?:\+srv)?):\/\/[^\s'",]+|\bfile:\S+/g,
      `file:${folder.path}/store`,
    )
    .replaceAll(/(--(?:for|tap|wait|timeout)) \d+[smh]\b/g, '$1 100ms')
    .replaceAll('/var/backups/gatectl', folder.path)
    .replace(/^source <\((.*)\)$/, '$1')
    .replace(/^(gatectl sessions watch(?!.*--for).*)$/, '$1 --for 100ms')
    .replace(/ (?:> ?|>)\S+$/, '')
    .replace(/^\w+=(?:"[^"]*"|\S+) /, '');
  const listed = / < (\w+)\.txt$/.exec(here)?.[1];
  let stdin = listed === undefined ? undefined : Buffer.from(lists[listed] ?? 'u42\n');
  let outcome: CliOutcome = {code: 0, out: '', err: ''};
  for (const segment of here.replace(/ < \S+$/, '').split(' | ')) {
    if (segment.startsWith('redis-cli')) stdin = Buffer.from(bytes);
    else if (segment === 'xxd') stdin = spawnSync('xxd', {input: stdin}).stdout;
    else {
      const words = wordsOf(segment)?.slice(1);
      if (words === undefined) throw new Error(`cannot split "${segment}"`);
      outcome = await gatectl(words, stdin === undefined ? some : {...some, terminal: 'none', stdin});
      stdin = Buffer.from(outcome.out);
    }
  }
  return outcome;
}

describe('the examples in the help', () => {
  test('exist for every command', () => expect(examples.length).toBeGreaterThan(80));

  test.each(examples)('%s: %s', async (_, line) => {
    const some = world();
    const {code, err} = await run(line, line.includes('context add') ? {...some, contexts: {}} : some);
    expect([2, 70], `${line}\n${err}`).not.toContain(code);
  });
});
