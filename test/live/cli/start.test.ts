import {execFile} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {Script} from 'node:vm';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {connectBus} from '../../../src/bus/connect.js';
import {serveGate} from '../../../src/bus/gate-server.js';
import {Responder} from '../../../src/bus/responder.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {startNats} from '../../support/nats.js';
import {cleanEnvironment} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const run = promisify(execFile);
const program = path.resolve('bin/gatectl.js');
const built = path.resolve('dist/cli');

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

describe('what a short command loads', () => {
  test.each([
    ['version.cjs', ['--version']],
    ['help.cjs', ['--help']],
    ['decode.cjs', ['decode', '0a00', '--as', 'session']],
    [
      'decode.cjs',
      [
        'decode',
        '0a0f3132372e302e302e313a3536333434120374637022103566303038653462363937383064633342060a0161120131',
        '-o',
        'json',
      ],
    ],
  ])('one file, %s, for %j: no stream, no socket, nothing dear', async (file, line) => {
    const {modules, files} = await loadedBy(line);
    expect(files).toEqual([file]);
    expect(modules).toContain('vm'); // the list is one
    for (const name of [...dear, 'net', 'stream', 'os']) expect(modules).not.toContain(name);
  });

  test('V8 takes the code caches of the build', () => {
    const caches = readdirSync(built).filter((name) =>
      name.endsWith(`${process.versions.v8}.${process.arch}.cache`),
    );
    expect(caches.map((name) => name.split('.')[0])).toEqual(
      expect.arrayContaining(['version', 'help', 'decode', 'sessions-get', 'sessions-list', 'first', 'ask']),
    );
    for (const cache of caches) {
      const file = path.join(built, cache.slice(0, cache.indexOf('.cjs') + 4));
      const cachedData = readFileSync(path.join(built, cache));
      const script = new Script(readFileSync(file, 'latin1'), {filename: file, cachedData});
      expect(script.cachedDataRejected, cache).toBe(false);
    }
  });
});

describeWith('nats-server')('what a question to a gate loads', () => {
  let nats: TestServer;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats.stop());

  test('one file and a socket, and nothing dear', async () => {
    const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: false});
    const gate = new FakeGate('Gate@a', [aRow({sessionId: 'f00dfeedf00dfeed', userId: 'neo'})]);
    const functionSubjects = ['Update', 'GatectlFind'] as const;
    const address = 'mqant.gate.Gate.a';
    new Responder({bus, address, serve: serveGate({gate, pages: gate, type: 'Gate'}), functionSubjects});
    await bus.flush();
    const line = ['sessions', 'get', 'Gate@a/f00dfeedf00dfeed', '--server', nats.url];
    const {modules, files} = await loadedBy([...line, '--registry', `static:Gate@a=${address}`]);
    await bus.close();
    expect(files).toEqual(['sessions-get.cjs']);
    expect(modules).toContain('net');
    for (const name of dear) expect(modules).not.toContain(name);
  });
});
