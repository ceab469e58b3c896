import {promises as fs, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {readFileLines} from '../../src/base/files/file-lines.js';
import {openJournal} from '../../src/cli/journal/journal.js';
import {openContextStore} from '../../src/cli/settings/context-store.js';
import {aRow, FakeGate} from '../support/fake-gate.js';
import {gatectl} from '../support/run-cli.js';
import {type TemporaryFolder, temporaryFolder} from '../support/temp.js';

let folder: TemporaryFolder;
/** 700 MB without a line end, of which nothing is on the disk. */
let endless: string;

const inFolder = (name: string): string => path.join(folder.path, name);

async function file(name: string, content: string | Uint8Array): Promise<string> {
  await fs.writeFile(inFolder(name), content);
  return inFolder(name);
}

const snapshotHeader = (sessions: number): string =>
  `${JSON.stringify({snapshot: {version: 1, sessions, savedAt: '2026-01-01T00:00:00.000Z', gates: []}})}\n`;
const planHeader = `${JSON.stringify({version: 1, action: 'kick', about: {}, where: '', at: '', count: 1})}\n`;

beforeAll(async () => {
  folder = await temporaryFolder();
  endless = await file('endless', '');
  await fs.truncate(endless, 700 * 1024 * 1024);
});
afterAll(async () => await folder.remove());

const world = {gates: [new FakeGate('Gate@a')]};

describe('D1: untrusted files', () => {
  test('rejects a line without an end by file, line and limit', async () => {
    const journal = openJournal(endless);
    for (const [line, code] of [
      [['sessions', 'list', '--snapshot', endless], 9],
      [['audit', 'list'], 9],
      [['apply', endless, '--yes'], 2],
      [['sessions', 'kick', '--resume', endless, '--yes'], 2],
      [['records', 'import', endless, '--store', 'redis://127.0.0.1:1/0'], 2],
      [['trace', '--from', endless], 9],
      [['decode', '--file', endless], 2],
      [['sessions', 'list', '--user', 'u', '--password-file', endless], 2],
    ] as const) {
      const outcome = await gatectl(line, {...world, journal});
      expect(outcome, line.join(' ')).toMatchObject({code, out: ''});
      expect(outcome.err).toContain('endless"');
      if (code === 9 && line[0] !== 'trace')
        expect(outcome.err).toContain(`line 1 of "${endless}" is longer than 67108864 bytes`);
    }
    const text = {code: 2, err: expect.stringContaining(`line 1 of "${endless}" is longer than`)};
    expect(await gatectl(['apply', endless, '--yes'], world)).toMatchObject(text);
  }, 60_000); // reads some 700 MB

  test.each([
    'sessions list --user u --password-file MISSING',
    'send g1 /t --file MISSING',
    'settings set --all k=v --yes --outcome MISSING/file',
    'settings set --all k=v --plan MISSING/file',
    'snapshot list MISSING',
    'trace --from MISSING',
    'trace --save MISSING/file',
    'apply MISSING',
    'gate run --config MISSING',
  ])('%s names the file and the reason in one line', async (line) => {
    const missing = inFolder('missing');
    const gate = new FakeGate('Gate@a');
    gate.add(aRow({sessionId: 'g1'}));
    const {code, err} = await gatectl(line.replace('MISSING', missing), {gates: [gate]});
    expect(code).toBe(2);
    expect(err.split('\n')[0]).toMatch(/missing.*": (ENOENT|no such file)$/);
  });

  test('no error about a file leaves out the reason', () => {
    const silent = readdirSync('src', {recursive: true, encoding: 'utf8'})
      .filter((name) => /\.tsx?$/.test(name))
      .filter((name) =>
        /`[^`]*cannot (read|write|create)[^`]*"`, \{\s*(cause|hint: (String|error))/.test(
          readFileSync(path.join('src', name), 'utf8'),
        ),
      );
    expect(silent).toEqual([]);
  });

  test('bounds the expansion of a small gzipped file', async () => {
    const bomb = gzipSync(
      Buffer.concat([Buffer.from(snapshotHeader(1)), Buffer.alloc(68 * 1024 * 1024, 'a')]),
    );
    const empties = gzipSync(
      Buffer.concat([Buffer.from(snapshotHeader(1)), Buffer.alloc(1024 * 1024, '\n')]),
    );
    const list = async (name: string, bytes: Uint8Array) =>
      await gatectl(['sessions', 'list', '--snapshot', await file(name, bytes)]);
    expect(await list('bomb', bomb)).toMatchObject({
      code: 9,
      err: expect.stringMatching(/line 2 of .*longer than/),
    });
    expect(await list('empties', empties)).toMatchObject({
      code: 9,
      err: expect.stringContaining('is after the end given'),
    });
    expect(await list('cut', bomb.subarray(0, 200))).toMatchObject({
      code: 9,
      err: expect.stringContaining('is damaged: Z_BUF_ERROR'),
    });
  });

  test('rejects a plan that is not UTF-8', async () => {
    const target = Buffer.from('{"target":{"gate":"Gate@a","id":"i\xff","uid":""}}\n', 'latin1');
    const plan = await file('latin1.plan', Buffer.concat([Buffer.from(planHeader), target]));
    expect(await gatectl(['apply', plan, '--yes'], world)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`line 2 of "${plan}" is not UTF-8`),
    });
    const deep = await file('deep.plan', planHeader + '['.repeat(20_000_000));
    expect(await gatectl(['apply', deep, '--yes'], world)).toMatchObject({
      code: 2,
      err: expect.stringContaining(`line 2 of "${deep}"`),
    });
    const half = await file('half.plan', planHeader + '{'.repeat(20_000_000));
    expect(await gatectl(['apply', half, '--yes'], world)).toMatchObject({
      code: 2,
      err: expect.stringContaining('it has 0 of 1 targets'),
    });
  });

  test('ends reading a file that grows', async () => {
    const growing = await file('growing', 'a\n'.repeat(1000));
    let count = 0;
    for await (const line of readFileLines(growing)) {
      await fs.appendFile(growing, `${line}\n`.repeat(100));
      count += 1;
    }
    expect(count).toBe(1000);
  });

  test('reports an unreadable file as a usage error', async () => {
    for (const name of [inFolder('nowhere'), folder.path]) {
      for (const line of [
        ['apply', name, '--yes'],
        ['sessions', 'list', '--snapshot', name],
      ])
        expect(await gatectl(line, world)).toMatchObject({
          code: 2,
          err: expect.stringContaining('cannot read'),
        });
    }
    expect(await gatectl('audit list', {journal: openJournal(folder.path)})).toMatchObject({code: 2});
    await fs.mkdir(inFolder('contexts'));
    await fs.symlink('/dev/zero', inFolder('contexts/zero.json'));
    await expect(openContextStore(folder.path).read('zero')).rejects.toThrow('cannot read');
  });
});
