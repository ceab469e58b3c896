import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import type {BusOptions} from '../../../src/bus/connect/bus-options.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {GateClient} from '../../../src/bus/gate/gate-client.js';
import {nodeAddress} from '../../../src/bus/node-address.js';
import {Caller} from '../../../src/bus/rpc/caller.js';
import {type Module, startModule} from '../../../src/module/start-module.js';
import {openRegistry} from '../../../src/registry/open-registry.js';
import {GateProcess} from '../../support/gate-process.js';
import {LongCommand} from '../../support/long-command.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startNats} from '../../support/nats.js';
import {JwtOperator} from '../../support/nats-jwt.js';
import {until} from '../../support/poll.js';
import {canOpenScreens, openScreen, type Screen} from '../../support/screen.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../../support/temp.js';

/** After the server accepts again, everybody has to be back within this time. */
const backWithinMs = 5000;

interface SignIn {
  readonly flags: readonly string[];
  readonly bus: Pick<BusOptions, 'user' | 'password' | 'creds'>;
  readonly accepting: () => string;
  /** Refuses until `renew`. */
  readonly refusing: () => string;
  /** Makes the credentials and the server fit again. */
  readonly renew: () => Promise<() => string>;
}

type MakeSignIn = (folder: TemporaryFolder) => Promise<SignIn>;

/** The server has another password for a while, then the right one again. */
const password: MakeSignIn = async (folder) => {
  const file = path.join(folder.path, 'password');
  await fs.writeFile(file, 'right\n', {mode: 0o600});
  const conf = (text: string) => () => `authorization { user: op, password: "${text}" }`;
  return {
    flags: ['--user', 'op', '--password-file', file],
    bus: {user: 'op', password: 'right'},
    accepting: conf('right'),
    refusing: conf('other'),
    renew: async () => conf('right'),
  };
};

/** The server trusts another operator from now on, whose credentials replace the old ones in their file. */
const jwt: MakeSignIn = async (folder) => {
  const file = path.join(folder.path, 'user.creds');
  const [before, after] = [new JwtOperator(), new JwtOperator()];
  await fs.writeFile(file, before.user().creds, {mode: 0o600});
  return {
    flags: ['--creds', file],
    bus: {creds: file},
    accepting: () => before.conf,
    refusing: () => after.conf,
    renew: async () => {
      await fs.writeFile(file, after.user().creds);
      return () => after.conf;
    },
  };
};

describeWith('nats-server')('B1: a server that temporarily refuses the sign-in', () => {
  describe.each([
    ['password', password],
    ['JWT', jwt],
  ] as const)('%s', (_name, makeSignIn) => {
    let folder: TemporaryFolder;
    let nats: TestServer;
    let signIn: SignIn;
    let conf: () => string;
    let gate: GateProcess;
    let bus: Bus;
    let module: Module;
    let screen: Screen | undefined;
    const commands: Record<'watch' | 'trace' | 'metrics', LongCommand> = {} as never;
    const clients = new MqttClients();
    let refusals = 0;

    beforeAll(async () => {
      folder = await temporaryFolder('gatectl-reconnect-');
      signIn = await makeSignIn(folder);
      conf = signIn.accepting;
      nats = await startNats(() => conf());
      const flags = ['--server', nats.url, ...signIn.flags];
      gate = await GateProcess.start('a', nats.url, ...signIn.flags);
      bus = await connectBus({server: nats.url, timeoutMs: 20_000, reconnect: true, ...signIn.bus});
      const handlers = {HD_hello: () => 'hello'};
      const registry = openRegistry('nats://', {bus});
      module = await startModule({
        type: 'Hello',
        id: 'm',
        bus,
        registry,
        handlers,
        functions: {Ping: () => 'pong'},
      });
      commands.watch = new LongCommand(['sessions', 'watch', '-o', 'jsonl', ...flags]);
      commands.trace = new LongCommand(['trace', '-o', 'jsonl', ...flags]);
      commands.metrics = new LongCommand(['metrics', '--listen', '127.0.0.1:0', ...flags]);
      if (canOpenScreens)
        screen = openScreen(process.execPath, ['bin/gatectl.js', 'dashboard', ...flags], {
          env: {XDG_STATE_HOME: folder.path, XDG_CONFIG_HOME: folder.path},
        });
      await until(() => commands.watch.out.includes('"watching"'), {what: 'the watch'});
      await until(() => commands.trace.err.includes('listening on'), {what: 'the trace'});
      await until(() => metricsUrl() !== undefined, {what: 'the metrics'});
      await screen?.shows('live');
      bus.onStatus((status) => {
        if (status === 'refused') refusals += 1;
      });
    });

    afterAll(async () => {
      for (const command of Object.values(commands)) await command[Symbol.asyncDispose]();
      await screen?.[Symbol.asyncDispose]();
      await clients[Symbol.asyncDispose]();
      await module?.close(0);
      await bus?.close();
      await gate?.kill();
      await nats?.[Symbol.asyncDispose]();
      await folder?.remove();
    });

    const metricsUrl = (): string | undefined => /http:\S+/.exec(commands.metrics.err)?.[0].replace(';', '');

    /** Each process does its work, one after the other; all on what came after the server accepted. */
    const works = {
      gate: async () => {
        const caller = new Caller(bus, {caller: 'test', hostname: 'test', timeoutMs: 300});
        const target = {node: 'Gate@a', address: nodeAddress('gate', 'Gate@a'), subjectPerFunction: true};
        const client = new GateClient({caller, target, maxPayloadBytes: bus.maxPayloadBytes});
        return await client.info().finally(() => caller.close());
      },
      module: () => module.call('Hello', 'Ping'),
      metrics: async () => {
        const text = await (await fetch(metricsUrl() ?? '')).text();
        return /^gatectl_gate_up\{[^}]*\} 1$/m.test(text);
      },
    };

    test('gate, module, watch, metrics, trace and dashboard recover in time', async () => {
      conf = signIn.refusing;
      await nats.restart();
      const said = (): string[] => [gate.said(), ...Object.values(commands).map(({err}) => err)];
      await until(() => refusals === 1 && said().every((err) => err.includes('refused the credentials')), {
        what: 'everybody to be refused',
      });
      await screen?.shows('CREDENTIALS REFUSED');
      const [watched, traced] = [commands.watch.out.length, commands.trace.out.length];
      conf = await signIn.renew();
      await nats.restart();
      const accepted = performance.now();
      const left = {timeoutMs: 20_000, everyMs: 50};
      const backAfter: Record<string, number> = {};
      const back = (name: string) => () => {
        backAfter[name] = Math.round(performance.now() - accepted);
      };
      await Promise.all([
        until(works.gate, {...left, what: 'the gate'}).then(back('gate')),
        until(works.module, {...left, what: 'the module'}).then(back('module')),
        until(works.metrics, {...left, what: 'the metrics'}).then(back('metrics')),
        until(
          async () => {
            await clients.open(gate.tcp);
            return commands.watch.out.slice(watched).includes('"connected"');
          },
          {...left, what: 'an event in the watch'},
        ).then(back('watch')),
        until(() => commands.trace.out.slice(traced).includes('"fn"'), {
          ...left,
          what: 'a call in the trace',
        }).then(back('trace')),
        screen?.shows(' live').then(back('dashboard')),
      ]);
      for (const [name, ms] of Object.entries(backAfter)) expect(ms, name).toBeLessThan(backWithinMs);
      for (const err of said())
        for (const line of ['lost the connection', 'refused the credentials', 'reconnected to NATS'])
          expect(err.split(line).length - 1, `${line} in ${err}`).toBe(1);
    });
  });
});
