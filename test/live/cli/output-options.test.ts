import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {openSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {outputFormats} from '../../../src/output/formats/presenter.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {dangersIn, evilSession} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment, spawnGatectl} from '../../support/run-cli.js';
import {freePort} from '../../support/servers.js';

/** The built program as a process, on a gate with more sessions than a pipe holds. */
describe('gatectl as a process', () => {
  const program = path.resolve('bin/gatectl.js');
  const count = 5000;
  let server: TestBus;
  let bus: Bus;
  let stalled: FakeGate;
  let discovery: NatsDiscovery;

  beforeAll(async () => {
    server = await startBus();
    bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
    discovery = new NatsDiscovery({bus});
    const rows = Array.from({length: count}, (_, at) => aRow({userId: `user ${at}`}));
    const gate = new FakeGate('Gate@full', rows);
    gate.add(aRow(evilSession('f00dfeedf00dfeed', 'Gate@full')));
    gate.pageSize = 2000;
    stalled = new FakeGate('Stalled@s');
    stalled.before = () => new Promise(() => {});
    for (const one of [gate, stalled]) {
      const node = aNode(one.nodeId, {subjectPerFunction: false});
      new Responder({
        bus,
        address: node.address,
        serve: gateCallHandler({gate: one, pages: one, type: 'Gate'}),
      });
      await discovery.register(node);
    }
    await bus.flush();
  });
  afterAll(async () => {
    await discovery?.close();
    await bus?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const sh = (script: string) =>
    promisify(execFile)('/bin/bash', ['-c', `set -o pipefail; ${script}`], {
      env: {...cleanEnvironment(), GATECTL_SERVER: server.url, GATECTL: program, NODE: process.execPath},
      maxBuffer: 1 << 26,
    });

  test('H01: writes a long output completely to a pipe', async () => {
    const {stdout} = await sh('$NODE $GATECTL sessions list -o jsonl | cat');
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(count + 2);
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({summary: {count: count + 1, complete: true}});
  });

  test('writes watch events to a pipe at once', async () => {
    const child = spawn(process.execPath, [program, 'sessions', 'watch', '-o', 'jsonl'], {
      env: {...cleanEnvironment(), GATECTL_SERVER: server.url},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until(() => said.includes('"watching"'), {what: 'the watch to say that it watches'});
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  test.each(outputFormats)('H02: -o %s ends silently when its reader exits', async (format) => {
    const {stdout, stderr} = await sh(
      `{ $NODE $GATECTL sessions list -o ${format}; echo "exit $?" >&2; } | head -n 1`,
    );
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('exit 0\n');
  });

  test('H03: exits 74 with one line on a full disk', async () => {
    const child = spawn(process.execPath, [program, 'sessions', 'list', '-o', 'tsv'], {
      env: {...cleanEnvironment(), GATECTL_SERVER: server.url},
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    let err = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const [code] = (await once(child, 'close')) as [number];
    expect({code, err}).toEqual({code: 74, err: 'error: cannot write to stdout: ENOSPC\n'});
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends a waiting command at once with %i', async (signal, code) => {
    let signalled = 0;
    const outcome = await spawnGatectl(['sessions', 'list', '--gate-type', 'Stalled', '--timeout', '30s'], {
      env: {GATECTL_SERVER: server.url},
      onStart: (child) => {
        const sent = stalled.calls.length;
        const poll = setInterval(() => {
          if (stalled.calls.length === sent) return;
          clearInterval(poll);
          signalled = performance.now();
          child.kill(signal);
        }, 5);
      },
    });
    expect(outcome.code).toBe(code);
    expect(outcome.out).toBe('');
    expect(outcome.err).toBe(`error: interrupted by ${signal}\n`);
    expect(performance.now() - signalled).toBeLessThan(10_000); // a third of its timeout
  });

  test('A02: prints an evil session safely', async () => {
    for (const format of outputFormats) {
      const {out, err} = await spawnGatectl(['sessions', 'list', '-o', format, '--timeout', '20s'], {
        env: {GATECTL_SERVER: server.url},
      });
      expect(dangersIn(out)).toEqual([]);
      expect(dangersIn(err)).toEqual([]);
      expect(out, format).toContain('f00dfeedf00dfeed');
    }
  });

  test('exits 8 at once with a hint without NATS', async () => {
    const outcome = await spawnGatectl([
      'sessions',
      'list',
      '--server',
      `nats://127.0.0.1:${await freePort()}`,
    ]);
    expect({code: outcome.code, out: outcome.out}).toEqual({code: 8, out: ''});
    expect(outcome.err).toMatch(
      /^error: cannot reach NATS at nats:\/\/127.0.0.1:\d+: connection refused\nhint: /,
    );
  });

  test('exits 8 at the timeout when NATS never speaks', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const {port} = silent.address() as AddressInfo;
    const {code, err} = await spawnGatectl([
      'sessions',
      'list',
      '--server',
      `nats://127.0.0.1:${port}`,
      '--timeout',
      '500ms',
    ]);
    silent.close();
    expect(code).toBe(8);
    expect(err).toContain('no answer within 500 ms');
  });

  test('prints an error as one JSON object in JSON mode', async () => {
    const {code, out, err} = await spawnGatectl(['sessions', 'get', 'ffffffffffffffff', '-o', 'json'], {
      env: {GATECTL_SERVER: server.url},
    });
    expect({code, out}).toEqual({code: 1, out: ''});
    expect(JSON.parse(err)).toMatchObject({
      error: {exitCode: 1, message: expect.stringContaining('no session')},
    });
  });

  test('rejects invalid input before sending anything', async () => {
    const env = {GATECTL_SERVER: `nats://127.0.0.1:${await freePort()}`};
    for (const [line, why] of [
      [['send', 'f00dfeedf00dfeed', 'a/#', 'x'], 'wildcard'],
      [['send', 'f00dfeedf00dfeed', '', 'x'], 'topic'],
      [['frobnicate'], 'frobnicate'],
      [['sessions', 'lits'], 'list'],
      [['sessions', 'list', '--limit', 'many'], 'many'],
      [['sessions', 'kick'], 'missing session'],
    ] as const) {
      const {code, err, out} = await spawnGatectl(line, {env});
      expect({line, code, out}).toEqual({line, code: 2, out: ''});
      expect(err).toContain(why);
    }
  });
});
