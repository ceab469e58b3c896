import {execFile, spawnSync} from 'node:child_process';
import {
  closeSync,
  cpSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {startNats} from '../../support/nats.js';
import {cleanEnvironment} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const run = promisify(execFile);
const program = path.resolve('bin/gatectl.js');

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

interface Loaded {
  /** Modules of Node, beyond those that it has by itself. */
  readonly modules: readonly string[];
  /** Files of the program. */
  readonly files: readonly string[];
}

async function loadedBy(line: readonly string[]): Promise<Loaded> {
  const list = path.join(folder.path, 'loaded.json');
  const counter = path.resolve('test/support/list-modules.cjs');
  const env = {...cleanEnvironment(), XDG_CONFIG_HOME: folder.path, GATECTL_TEST_MODULES: list};
  await run(process.execPath, ['--require', counter, program, ...line], {env});
  return JSON.parse(readFileSync(list, 'utf8')) as Loaded;
}

/** Each costs a start between 0.3 and 4 ms. */
const dear = [
  'crypto',
  'fs/promises',
  'internal/fs/promises',
  'perf_hooks',
  'zlib',
  'timers/promises',
  'tty',
  'tls',
];

describe('modules loaded by a short command', () => {
  test.each([
    [['--help']],
    [['decode', '0a00', '--as', 'session']],
    [
      [
        'decode',
        '0a0f3132372e302e302e313a3536333434120374637022103566303038653462363937383064633342060a0161120131',
        '-o',
        'json',
      ],
    ],
  ])('loads one file for %j, without streams and sockets', async (line) => {
    const {modules, files} = await loadedBy(line);
    expect(files).toEqual(['pack.cjs']);
    expect(modules).toContain('vm'); // the list is one
    for (const name of [...dear, 'net', 'stream', 'os']) expect(modules).not.toContain(name);
  });

  test("loads nothing of the program for --version, unless it can't be written", async () => {
    const {modules, files} = await loadedBy(['--version']);
    expect(files).toEqual([]);
    for (const name of [...dear, 'net', 'stream', 'os']) expect(modules).not.toContain(name);
    const full = openSync('/dev/full', 'w');
    const {status, stderr} = spawnSync(process.execPath, [program, '--version'], {
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect([status, String(stderr)]).toEqual([74, expect.stringContaining('ENOSPC')]);
  });
});

describeWith('nats-server')('modules loaded by a call to a gate', () => {
  let nats: TestServer;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats.stop());

  test('loads one file and a socket', async () => {
    const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: false});
    const gate = new FakeGate('Gate@a', [aRow({sessionId: 'f00dfeedf00dfeed', userId: 'neo'})]);
    const functionSubjects = ['Update', 'GatectlFind'] as const;
    const address = 'mqant.gate.Gate.a';
    new Responder({
      bus,
      address,
      serve: gateCallHandler({gate, pages: gate, type: 'Gate'}),
      functionSubjects,
    });
    await bus.flush();
    const line = ['sessions', 'get', 'Gate@a/f00dfeedf00dfeed', '--server', nats.url];
    const {modules, files} = await loadedBy([...line, '--registry', `static:Gate@a=${address}`]);
    await bus.close();
    expect(files).toEqual(['pack.cjs']);
    expect(modules).toContain('net');
    for (const name of dear) expect(modules).not.toContain(name);
  });
});

describe("D6: V8's compiled code from an earlier run", () => {
  let copy: string;
  let caches: string;
  beforeAll(() => {
    copy = path.join(folder.path, 'installed');
    for (const part of ['bin', 'dist/cli', 'package.json'])
      cpSync(part, path.join(copy, part), {recursive: true});
  });
  beforeEach(() => {
    caches = mkdtempSync(path.join(folder.path, 'caches-'));
  });

  async function decode(env: Readonly<Record<string, string>>): Promise<string> {
    const options = {env: {...cleanEnvironment(), ...env}, cwd: caches};
    return (await run(process.execPath, [path.join(copy, 'bin/gatectl.js'), 'decode', '0a0161'], options))
      .stdout;
  }

  test('is dropped after an edit that keeps length and time', async () => {
    const file = path.join(copy, 'dist/cli/pack.cjs');
    const env = {XDG_CACHE_HOME: caches};
    for (const _ of 'ab') expect(await decode(env)).toMatch(/^decoded\t/);
    const {atime, mtime} = statSync(file);
    const decoded = new RegExp(`"${[...'decoded'].join('(?:\\\\\\n)?')}"`, 'g'); // esbuild breaks lines inside texts
    const edited = readFileSync(file, 'latin1').replaceAll(decoded, (word) => word.toUpperCase());
    writeFileSync(file, edited, 'latin1');
    utimesSync(file, atime, mtime);
    for (const _ of 'ab') expect(await decode(env)).toMatch(/^DECODED\t/);
  });

  test("is stored in the user's cache folder under the command's name", async () => {
    await decode({XDG_CACHE_HOME: caches});
    await decode({XDG_CACHE_HOME: '', HOME: caches});
    const name = expect.stringMatching(/^decode\.[a-z0-9]+\.v[\d.]+\.\w+$/);
    expect(readdirSync(path.join(caches, 'gatectl'))).toEqual([name]);
    expect(readdirSync(path.join(caches, '.cache/gatectl'))).toEqual([name]);
  });

  test.each([
    [{XDG_CACHE_HOME: '', HOME: ''}],
    [{XDG_CACHE_HOME: 'relative', HOME: 'relative'}],
    [{XDG_CACHE_HOME: '/proc/nowhere'}],
    [{NODE_DISABLE_COMPILE_CACHE: '1'}],
  ])('is not stored with %j, silently', async (env) => {
    await decode({XDG_CACHE_HOME: caches, ...env});
    expect(readdirSync(caches)).toEqual([]);
  });
});
