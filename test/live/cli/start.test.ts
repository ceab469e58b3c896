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

/** The modules of Node that a command line loads beyond those that Node has by itself. */
async function modulesOf(line: readonly string[]): Promise<readonly string[]> {
  const list = path.join(folder.path, 'modules.json');
  const counter = path.resolve('test/support/list-modules.cjs');
  const env = {...cleanEnvironment(), XDG_CONFIG_HOME: folder.path, GATECTL_TEST_MODULES: list};
  await run(process.execPath, ['--require', counter, program, ...line], {env});
  return JSON.parse(readFileSync(list, 'utf8')) as string[];
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
  test.each([[['--version']], [['--help']], [['decode', '0a00', '--as', 'session']]])(
    '%s: no stream, no socket, nothing dear',
    async (line) => {
      const loaded = await modulesOf(line);
      expect(loaded).toContain('vm'); // the list is one
      for (const name of [...dear, 'net', 'stream', 'os']) expect(loaded).not.toContain(name);
    },
  );

  test('V8 takes the code caches of the build', () => {
    const caches = readdirSync(built).filter((name) =>
      name.endsWith(`${process.versions.v8}.${process.arch}.cache`),
    );
    expect(caches.map((name) => name.split('.')[0])).toEqual(expect.arrayContaining(['first', 'ask']));
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

  test('a socket, and nothing dear', async () => {
    const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: false});
    const gate = new FakeGate('Gate@a', [aRow({sessionId: 'f00dfeedf00dfeed', userId: 'neo'})]);
    const functionSubjects = ['Update', 'GatectlFind'] as const;
    const address = 'mqant.gate.Gate.a';
    new Responder({bus, address, serve: serveGate({gate, pages: gate, type: 'Gate'}), functionSubjects});
    await bus.flush();
    const line = ['sessions', 'get', 'Gate@a/f00dfeedf00dfeed', '--server', nats.url];
    const loaded = await modulesOf([...line, '--registry', `static:Gate@a=${address}`]);
    await bus.close();
    expect(loaded).toContain('net');
    for (const name of dear) expect(loaded).not.toContain(name);
  });
});
