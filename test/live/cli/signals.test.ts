import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect} from 'vitest';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {GateProcess} from '../../support/gate-process.js';
import {startBus, type TestBus} from '../../support/nats.js';
import {testOnScreen} from '../../support/on-screen.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment} from '../../support/run-cli.js';
import {openScreen, type Screen} from '../../support/screen.js';
import {testWith} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

const program = path.resolve('bin/gatectl.js');

interface Running {
  readonly child: ChildProcess;
  readonly err: () => string;
  readonly code: Promise<number | null>;
}

function started(argv: readonly string[], env: Readonly<Record<string, string>>, shell?: string): Running {
  const [command, args] =
    shell === undefined
      ? [process.execPath, [program, ...argv]]
      : ['bash', ['-c', shell, 'bash', process.execPath, program, ...argv]];
  const child = spawn(command, args, {
    env: {...cleanEnvironment(), ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  return {child, err: () => text, code: once(child, 'exit').then(([code]) => code as number | null)};
}

describe('B4: SIGHUP and SIGQUIT', () => {
  let server: TestBus;
  let folder: TemporaryFolder;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    [server, folder] = await Promise.all([startBus(), temporaryFolder()]);
    env = {
      GATECTL_SERVER: server.url,
      GATECTL_TIMEOUT: '20s',
      XDG_STATE_HOME: folder.path,
      XDG_CONFIG_HOME: folder.path,
    };
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await folder?.remove();
  });

  async function gateIds(): Promise<readonly string[]> {
    const bus = await connectBus({server: server.url, timeoutMs: 5000, reconnect: false});
    try {
      return (await new NatsDiscovery({bus}).nodes('Gate')).map(({id}) => id);
    } finally {
      await bus.close();
    }
  }

  const test = testWith('nats-server');

  for (const [signal, code] of [
    ['SIGHUP', 129],
    ['SIGQUIT', 131],
  ] as const) {
    test(`${signal} ends dev gracefully: restores the selected context, exits ${code}`, async () => {
      const dev = started(['dev', '--gates', '1', '--embedded-bus'], env);
      await until(() => dev.err().includes('In another terminal'), {what: 'dev to be up'});
      expect(await fs.readFile(path.join(folder.path, 'gatectl/context.txt'), 'utf8')).toBe('dev\n');
      dev.child.kill(signal);
      expect(await dev.code).toBe(code);
      await expect(fs.readFile(path.join(folder.path, 'gatectl/context.txt'))).rejects.toThrow('ENOENT');
    });
  }

  test('keeps shutting down gracefully on a repeated SIGHUP and after SIGTERM', async () => {
    const dev = started(['dev', '--gates', '1', '--embedded-bus'], env);
    await until(() => dev.err().includes('In another terminal'), {what: 'dev to be up'});
    dev.child.kill('SIGTERM');
    await until(() => dev.err().includes('stopping'), {what: 'the end to begin'});
    dev.child.kill('SIGHUP');
    dev.child.kill('SIGHUP');
    expect([await dev.code, dev.child.signalCode]).toEqual([0, null]);
  });

  test('SIGQUIT stops a gate gracefully with 131; SIGHUP reloads its config', async () => {
    const config = path.join(folder.path, 'gate.json');
    await fs.writeFile(config, JSON.stringify({limits: {maxSessions: 10}}));
    await using gate = await GateProcess.start('hup', server.url, '--config', config);
    await fs.writeFile(
      config,
      JSON.stringify({limits: {maxSessions: 20, requestTimeoutMs: 5000}, store: 'memory:'}),
    );
    gate.signal('SIGHUP');
    await until(() => gate.said().includes('store has changed'), {what: 'the reload'});
    expect(gate.said()).toContain('reload: limits.maxSessions is now 20 (was 10)');
    expect(gate.said()).toContain(
      'reload: limits.requestTimeoutMs has changed; restart the gate to apply it',
    );
    await fs.writeFile(config, '{');
    gate.signal('SIGHUP');
    await until(() => gate.said().includes('reload failed, the gate keeps its current config'), {
      what: 'the fault',
    });
    expect(await gateIds()).toContain('Gate@hup');
    gate.signal('SIGQUIT');
    expect(await gate.ended()).toBe(131);
    expect(await gateIds()).not.toContain('Gate@hup');
  });

  test('SIGHUP to the parent reloads all gate processes', async () => {
    const config = path.join(folder.path, 'gates.json');
    await fs.writeFile(config, JSON.stringify({processes: 2}));
    await using gate = await GateProcess.start('many', server.url, '--config', config);
    await until(() => gate.ready.length === 2, {what: 'both'});
    await fs.writeFile(config, JSON.stringify({processes: 2, limits: {maxSessions: 7}}));
    gate.signal('SIGHUP');
    const isSaid = (at: number) =>
      gate.said().includes(`gate many-${at}: reload: limits.maxSessions is now 7`);
    await until(() => isSaid(1) && isSaid(2), {what: 'both to reload'});
    gate.signal('SIGQUIT');
    expect(await gate.ended()).toBe(131);
  });

  test('ignores SIGHUP under nohup or a shell that ignores it', async () => {
    for (const shell of [
      'nohup "$@" & p=$!; trap "kill $p" TERM; wait $p; wait $p',
      'trap "" HUP; "$@"; exit $?',
    ]) {
      const argv = ['metrics', '--listen', '127.0.0.1:0'];
      const served = started(argv, env, shell);
      await until(() => served.err().includes('serving'), {what: 'the metrics'});
      const pid = await childOf(served.child.pid ?? 0);
      process.kill(pid, 'SIGHUP');
      process.kill(pid, 'SIGTERM');
      await served.code;
      expect(served.err()).toContain('interrupted by SIGTERM');
      expect(served.err()).not.toContain('reload');
    }
  });

  /** The process itself where the shell gave way to it. */
  async function childOf(pid: number): Promise<number> {
    const children = await fs.readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return Number(children.trim().split(' ')[0] || pid);
  }

  async function closedTerminal(argv: readonly string[], shown: string) {
    await using screen: Screen = openScreen(process.execPath, [program, ...argv], {env});
    await screen.shows(shown);
    screen.hangUp();
    return await screen.ended();
  }

  testOnScreen(
    'a closed terminal ends a gate with goodbye, and dev with its context unselected',
    async () => {
      expect(await closedTerminal(['gate', 'run', '--id', 'closed', '--tcp', '0'], 'pid')).toEqual({
        code: 129,
        signal: 0,
      });
      expect(await gateIds()).not.toContain('Gate@closed');
      const many = ['gate', 'run', '--id', 'closed', '--tcp', '0', '--processes', '2'];
      expect(await closedTerminal(many, 'closed-2')).toEqual({code: 129, signal: 0});
      expect(await gateIds()).not.toContain('Gate@closed-1');
      const dev = ['dev', '--gates', '1', '--embedded-bus'];
      expect(await closedTerminal(dev, 'In another terminal')).toEqual({code: 129, signal: 0});
      await expect(fs.readFile(path.join(folder.path, 'gatectl/context.txt'))).rejects.toThrow('ENOENT');
    },
  );

  testOnScreen(
    'a terminal that is closed at a question ends the write, and the journal says so',
    async () => {
      await using gate = await GateProcess.start('asked', server.url);
      expect(await closedTerminal(['records', 'delete', 'u1'], 'y/N]')).toEqual({code: 129, signal: 0});
      const journal = await fs.readFile(path.join(folder.path, 'gatectl/journal.jsonl'), 'utf8');
      expect(JSON.parse(journal.trim().split('\n').at(-1) ?? '')).toMatchObject({
        phase: 'result',
        exitCode: 129,
        error: 'interrupted by SIGHUP',
      });
      await gate.kill();
    },
  );
});
