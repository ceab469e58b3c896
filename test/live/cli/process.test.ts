import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {dangersIn, evilText} from '../../support/evil.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {testOnScreen} from '../../support/on-screen.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment, spawnGatectl} from '../../support/run-cli.js';
import {openScreen} from '../../support/screen.js';
import {testWith} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const program = path.resolve('bin/gatectl.js');
const run = promisify(execFile);
const sh = (script: string, env: Readonly<Record<string, string>> = {}) =>
  run('/bin/bash', ['-c', script], {
    env: {...cleanEnvironment(), GATECTL: program, NODE: process.execPath, ...env},
  }).catch((error: unknown) => error as {stdout: string; stderr: string; code: number});

/** The process group that has the terminal of a process. */
async function foreground(pid: number): Promise<number> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[5]);
}

/** The built program as a process, on a small gate, one that never answers and one that answers evil. */
describe('the process', () => {
  let server: TestBus;
  let bus: Bus;
  let discovery: NatsDiscovery;
  let folder: TemporaryFolder;
  let stalled: FakeGate;

  beforeAll(async () => {
    [server, folder] = await Promise.all([startBus(), temporaryFolder()]);
    bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: true});
    discovery = new NatsDiscovery({bus});
    const rows = Array.from({length: 20}, (_, at) => aRow({userId: `user ${at}`, sessionId: `s${at}`}));
    const gate = new FakeGate('Gate@a', rows);
    stalled = new FakeGate('Stalled@s', rows);
    stalled.before = (fn) => (fn === 'GatectlList' ? undefined : new Promise(() => {}));
    const evil = new FakeGate('Evil@e');
    evil.before = () => {
      throw new Error(`${evilText} ${'x'.repeat(100_000)}\n ----Stack----\n/go/src/main.go:4711 ${evilText}`);
    };
    for (const one of [gate, stalled, evil]) {
      const node = aNode(one.nodeId, {subjectPerFunction: false});
      const type = one.nodeId.split('@')[0] ?? '';
      new Responder({bus, address: node.address, serve: gateCallHandler({gate: one, pages: one, type})});
      await discovery.register(node);
    }
    await bus.flush();
  });
  afterAll(async () => {
    await discovery?.close();
    await bus?.close();
    await server?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  const gatectl = (line: readonly string[], options: Parameters<typeof spawnGatectl>[1] = {}) =>
    spawnGatectl(line, {...options, env: {GATECTL_SERVER: server.url, ...options.env}});
  const listStalled = ['sessions', 'get', 's1', '--gate-type', 'Stalled', '--timeout', '30s'];
  /** Resolves when one more call has come to the gate that never answers. */
  const called = async (before: number) =>
    await until(() => stalled.calls.length > before, {what: 'a call to the gate'});

  test('A14: sanitises and cuts a hostile error text, and shows the stack with --verbose', async () => {
    const line = ['sessions', 'get', 's1', '--gate-type', 'Evil', '--timeout', '10s'];
    for (const format of ['table', 'json']) {
      const {code, out, err} = await gatectl([...line, '-o', format]);
      expect({code, out}).toEqual({code: 3, out: ''});
      expect(dangersIn(err)).toEqual([]);
      expect(err.length).toBeLessThan(12_000); // 2 KiB of characters, some of them shown as escapes
      expect(err).toMatch(/characters more, --verbose\)|more bytes, --verbose\)/);
      expect(err).not.toContain('main.go');
    }
    const direct = ['settings', 'get', 'Evil@e/s1', 'a', '--gate-type', 'Evil', '--timeout', '10s'];
    expect((await gatectl(direct)).err).not.toContain('main.go');
    const {err} = await gatectl([...direct, '--verbose']);
    expect(err).toContain('/go/src/main.go:4711');
    expect(dangersIn(err)).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const)('B4, H04: %s exits %i with one line on stderr and nothing on stdout', async (signal, code) => {
    const before = stalled.calls.length;
    const outcome = await gatectl(listStalled, {
      onStart: (child) => void called(before).then(() => child.kill(signal)),
    });
    expect({code: outcome.code, out: outcome.out, err: outcome.err}).toEqual({
      code,
      out: '',
      err: `error: interrupted by ${signal}\n`,
    });
  });

  test('H04: exits on a second SIGINT without waiting', async () => {
    const before = stalled.calls.length;
    const kick = ['sessions', 'kick', '--all', '--yes', '--expect', '20', '--gate-type', 'Stalled'];
    const outcome = await gatectl([...kick, '--timeout', '30s'], {
      onStart: (child) => {
        void until(() => stalled.calls.length > before + 1, {what: 'a kick'}).then(async () => {
          child.kill('SIGINT');
          await until(
            () => {
              child.kill('SIGINT');
              return child.signalCode !== null || child.exitCode !== null;
            },
            {what: 'the end', everyMs: 5},
          );
        });
      },
    });
    expect(outcome.signal).toBe('SIGINT');
  });

  testOnScreen('H04: Ctrl-Z stops it, fg goes on, Ctrl-C ends it with 130 for the shell', async () => {
    await using screen = openScreen('bash', ['--norc', '--noprofile', '-i'], {
      columns: 100,
      env: {...cleanEnvironment(), GATECTL_SERVER: server.url, PS1: '> ', CI: undefined},
    });
    const before = stalled.calls.length;
    screen.send(`${process.execPath} ${program} ${listStalled.join(' ')}; echo "code $?"\r`);
    await called(before);
    screen.press('ctrl-z');
    await screen.shows('Stopped');
    screen.send('clear\r');
    await screen.becomes('cleared', () => !screen.text().includes('Stopped'));
    screen.send('fg\r');
    await screen.shows('sessions get');
    // the shell names the command first and then gives it the terminal, to which Ctrl-C goes
    await until(async () => (await foreground(screen.pid)) !== screen.pid, {what: 'it to have the terminal'});
    screen.press('ctrl-c');
    await screen.shows('interrupted by SIGINT');
    screen.send('echo "code $?"\r');
    await screen.shows('code 130');
  });

  test('H03: exits with a code and no stack for a closed stdout and a full stderr', async () => {
    const closed = await sh('$NODE $GATECTL sessions list -o tsv >&-; echo "exit $?"', {
      GATECTL_SERVER: server.url,
    });
    expect(closed.stdout + closed.stderr).not.toMatch(/ {4}at /);
    const full = await sh('$NODE $GATECTL sessions get nothing 2>/dev/full; echo "exit $?"', {
      GATECTL_SERVER: server.url,
    });
    expect(full.stdout).toBe('exit 74\n');
    const file = path.join(folder.path, 'gone', 'outcome.jsonl');
    const outcome = await gatectl([
      'sessions',
      'kick',
      '--all',
      '--yes',
      '--expect',
      '20',
      '--outcome',
      file,
    ]);
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).not.toMatch(/ {4}at /);
  });

  test('H07: rejects the dashboard without a terminal with exit 2 and no escapes', async () => {
    for (const env of [{}, {CI: '1'}, {TERM: 'dumb'}]) {
      const {code, out, err} = await gatectl(['dashboard'], {env});
      expect({code, out}).toEqual({code: 2, out: ''});
      expect(err).toMatch(/^error: .+\nhint: gatectl sessions watch/);
    }
  });

  test('H11: prints help to stdout with 0, and errors to stderr with 2', async () => {
    for (const line of [
      ['--help'],
      ['-h'],
      ['help'],
      ['help', 'bind'],
      ['bind', '-h'],
      ['--version'],
      ['help', 'exit-codes'],
    ]) {
      const {code, out, err} = await spawnGatectl(line);
      expect({line, code, err}).toEqual({line, code: 0, err: ''});
      expect(out.length).toBeGreaterThan(4);
    }
    for (const line of [
      ['nothing'],
      ['sessions'],
      ['sessions', 'nothing'],
      ['bind'],
      ['bind', '--nothing'],
      ['bind', 'a'],
      ['gates', 'ping', '--timeout'],
    ]) {
      const {code, out, err} = await spawnGatectl(line);
      expect({line, code, out}).toEqual({line, code: 2, out: ''});
      expect(err).toMatch(/^error: .+\nhint: .+\n$/);
    }
  });

  test('H12: works or prints one clear line in an odd environment', async () => {
    const missing = path.join(folder.path, 'readonly');
    await fs.mkdir(missing, {mode: 0o500});
    const list = '$NODE $GATECTL sessions list -o ids';
    const env = {GATECTL_SERVER: server.url};
    for (const script of [
      `env -u HOME -u XDG_CONFIG_HOME -u XDG_STATE_HOME ${list}`,
      `HOME=${missing} XDG_CONFIG_HOME= ${list}`,
      `HOME=/nonexistent XDG_CONFIG_HOME=relative ${list}`,
      `LANG=C LC_ALL=C TZ=Asia/Shanghai ${list}`,
      `TZ=nonsense TERM= COLUMNS=0 ${list}`,
      `ulimit -n 64; ${list}`,
      `NODE_OPTIONS=--max-old-space-size=64 ${list}`,
      `mkdir ${folder.path}/cwd; cd ${folder.path}/cwd; rmdir ${folder.path}/cwd; ${list}`,
    ]) {
      const {stdout, stderr} = await sh(script, env);
      expect({script, stderr, lines: stdout.split('\n').length}).toEqual({script, stderr: '', lines: 21});
    }
    const odd = await sh(`$NODE $GATECTL sessions get $'s\\xff\\xfe1'`, env);
    expect(odd.stderr).toMatch(/^error: no session ".*" on the one gate\n/);
    const write = await sh(`HOME=${missing} XDG_STATE_HOME=/dev/null $NODE $GATECTL unbind s1`, env);
    expect(write.stderr).toMatch(/^error: .+\n(hint: .+\n)?$/); // what cannot be journaled is not done
  });

  test("H12: rejects folders that can't be created with one line, at once", async () => {
    const under = {XDG_STATE_HOME: '/proc/x', XDG_CONFIG_HOME: '/proc/x/y'};
    for (const [argv, file] of [
      [['unbind', 's1', '--server', server.url], '/proc/x/gatectl/journal.jsonl'],
      [['snapshot', 'save', '/proc/x/y/z.jsonl', '--server', server.url], '/proc/x/y/z.jsonl'],
      [['context', 'add', 'c', '--server', server.url], '/proc/x/y/gatectl/contexts/c.json'],
    ] as const) {
      const {code, err, ms} = await gatectl(argv, {env: under});
      expect(err).toMatch(/^error: .+\n(hint: .+\n)?$/);
      expect(err).toContain(file);
      expect(code).toBe(74);
      expect(ms).toBeLessThan(30_000); // a folder in /proc takes no time at all to be refused
    }
  });

  test('H12: prints times in UTC whatever TZ is', async () => {
    const times = async (zone: string) =>
      (await sh('$NODE $GATECTL sessions list -o json', {GATECTL_SERVER: server.url, TZ: zone})).stdout.match(
        /"connectedAt": ?"[^"]+"/g,
      );
    expect(await times('Asia/Shanghai')).toEqual(await times('UTC'));
    expect((await times('UTC'))?.[0]).toMatch(/T.*Z"$/);
  });

  test.each(['Promise.reject(new Error("boom"))', 'throw new Error("boom")'])(
    'H13: %s prints one line and exits 70; GATECTL_DEBUG=1 shows the stack',
    async (fault) => {
      // some time after the program has begun, however long that takes
      const late = `setTimeout(()=>{${fault}},300)`;
      const begin = `const begun=setInterval(()=>{if(process.listenerCount("uncaughtException")===0)return;clearInterval(begun);${late}},5)`;
      const inject = `data:text/javascript,${encodeURIComponent(begin)}`;
      const env = {NODE_OPTIONS: `--import=${inject}`};
      const {code, out, err} = await gatectl(listStalled, {env});
      expect({code, out}).toEqual({code: 70, out: ''});
      expect(err).toBe('error: boom\nhint: this is a bug in gatectl; set GATECTL_DEBUG=1 to see the stack\n');
      expect((await gatectl(listStalled, {env: {...env, GATECTL_DEBUG: '1'}})).err).toMatch(/ {4}at /);
    },
  );

  test('H14: leaves nothing open when a command has ended', async () => {
    // the program exits at once: instead, its loop is given time to run dry by itself
    const left =
      'process.once("beforeExit",()=>require("fs").writeSync(2,"drained"));' +
      'const exit=process.exit;process.exit=(code)=>{process.exitCode=code;' +
      'setTimeout(()=>{require("fs").writeSync(2,"left: "+process.getActiveResourcesInfo());exit(code)},20_000).unref()}';
    const file = path.join(folder.path, 'left.cjs');
    await fs.writeFile(file, left);
    for (const line of [
      ['sessions', 'list'],
      ['sessions', 'get', 's1'],
      ['gates', 'ping'],
      ['decode', '0a00'],
      ['unbind', 's1'],
    ]) {
      const {err} = await gatectl(line, {env: {NODE_OPTIONS: `--require=${file}`}});
      expect({line, err}).toEqual({line, err: 'drained'});
    }
  });

  test('H14: exits after its last row', async () => {
    const lags: number[] = [];
    for (let round = 0; round < 20 && Math.min(...lags) > 100; round += 1) {
      const child = spawn(process.execPath, [program, 'sessions', 'list', '-o', 'jsonl'], {
        env: {...cleanEnvironment(), GATECTL_SERVER: server.url},
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let last = 0;
      child.stdout.on('data', () => {
        last = performance.now();
      });
      await once(child, 'exit');
      lags.push(performance.now() - last);
    }
    expect(Math.min(...lags)).toBeLessThan(100);
  });

  test('H17: eight concurrent writers leave whole files, and the last selection wins', async () => {
    const env = {XDG_CONFIG_HOME: path.join(folder.path, 'config')};
    const names = Array.from({length: 8}, (_, at) => `c${at}`);
    const added = await Promise.all(
      names.map((name) => spawnGatectl(['context', 'add', name, '--server', `nats://${name}:4222`], {env})),
    );
    expect(added.map(({code}) => code)).toEqual(names.map(() => 0));
    await Promise.all(
      names.flatMap((name) => [
        spawnGatectl(['context', 'use', name], {env}),
        spawnGatectl(['context', 'edit', 'c0', '--timeout', `${name.slice(1)}1s`], {env}),
      ]),
    );
    const list = await spawnGatectl(['context', 'list', '-o', 'json'], {env});
    expect(list.code).toBe(0);
    const {items} = JSON.parse(list.out) as {items: {name: string; selected: boolean}[]};
    expect(items.map(({name}) => name).sort()).toEqual(names);
    expect(items.filter(({selected}) => selected)).toHaveLength(1);
    const left = await fs.readdir(path.join(env.XDG_CONFIG_HOME, 'gatectl', 'contexts'));
    expect(left.sort()).toEqual(names.map((name) => `${name}.json`));
    await spawnGatectl(['context', 'use', 'c3'], {env});
    expect((await spawnGatectl(['context', 'show', '-o', 'json'], {env})).out).toContain('nats://c3:4222');
  });

  testWith('strace')('H18: opens no socket at start', async () => {
    const file = path.join(folder.path, 'strace.log');
    for (const line of [['--version'], ['--help'], ['decode', '0a00'], ['context', 'list']]) {
      const watched = ['-f', '-e', 'trace=socket,connect', '-o', file, process.execPath, program, ...line];
      await run('strace', watched, {env: cleanEnvironment()});
      const calls = (await fs.readFile(file, 'utf8'))
        .split('\n')
        .filter((text) => /socket\(|connect\(/.test(text));
      expect(calls.filter((text) => !text.includes('AF_UNIX'))).toEqual([]);
    }
  });
});
