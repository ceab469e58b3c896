import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Bus} from '../../src/bus/bus.js';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {helloWorldHandlers} from '../../src/dev/hello-world.js';
import {startGate} from '../../src/gate/node/start-gate.js';
import {startModule} from '../../src/module/start-module.js';
import {NatsDiscovery} from '../../src/registry/nats/nats-discovery.js';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {namedBy, untilAcquainted} from '../support/named-by.js';
import {until} from '../support/poll.js';
import {spawnGatectl} from '../support/run-cli.js';
import {describeWith, findProgram, requireServer, testWith} from '../support/servers.js';
import {ask, sessionIdOf} from '../support/test-gate.js';

/** Found on the bus itself: our gate and module, and an mqant gate with the add-on. A stock gate cannot be. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('the bus as a registry', () => {
  const open: AsyncDisposable[] = [];
  let cluster: MqantCluster;
  let addon: MqantGate;
  let ours: {readonly tcp: string; readonly bus: Bus};

  beforeAll(async () => {
    cluster = await MqantCluster.start({records: 'memory'});
    open.push(cluster);
    [addon] = await Promise.all([
      cluster.startGate('addon', {addon: true}),
      cluster.startGate('stock'),
      cluster.startModule('go'),
    ]);
    const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
    const registry = new NatsDiscovery({bus});
    const gate = await startGate({bus, registry, id: 'ours', tcp: {host: '127.0.0.1', port: 0}});
    const module = await startModule({
      type: 'HelloWorld',
      id: 'ours',
      bus,
      registry,
      handlers: helloWorldHandlers,
    });
    ours = {tcp: `mqtt://127.0.0.1:${gate.tcpPort}`, bus};
    open.push({
      async [Symbol.asyncDispose]() {
        await module.close(0);
        await gate.stop({drainMs: 0});
        await registry.close();
        await bus.close();
      },
    });
    await untilAcquainted(cluster.nats.url, 'Gate@addon', 'Gate@ours');
  }, 300_000);
  afterAll(async () => {
    for (const part of open.reverse()) await part[Symbol.asyncDispose]();
  });

  const gatectl = (...words: string[]) =>
    spawnGatectl([...words, '--server', cluster.nats.url, '--registry', 'nats://'], {
      env: {GATECTL_TIMEOUT: '20s'},
    });

  test('finds both gates, and lists the sessions of both', async () => {
    await using clients = new MqttClients();
    expect(await gatectl('gates', 'list', '-o', 'ids')).toMatchObject({
      code: 0,
      out: 'Gate@addon\nGate@ours\n',
    });
    await clients.open(addon.tcp);
    const ourClient = await clients.open(ours.tcp);
    const whoAmI = await ask(ourClient, 'HelloWorld@ours/HD_whoami/1', '{}');
    expect(whoAmI).toMatchObject({Result: {serverId: 'Gate@ours'}});
    const {code, out} = await gatectl('sessions', 'list', '-o', 'json');
    const {items} = JSON.parse(out) as {readonly items: readonly {readonly gate: string}[]};
    expect({code, gates: items.map(({gate}) => gate).sort()}).toEqual({
      code: 0,
      gates: ['Gate@addon', 'Gate@ours'],
    });
  });

  test('serves clients of the gate with the add-on through a Go module', async () => {
    await untilServing(addon.tcp, 'HelloWorld@go');
    await using clients = new MqttClients();
    expect(await sessionIdOf(await clients.open(addon.tcp))).toMatch(/^[0-9a-f]{16}$/);
  });

  testWith('nats')('shows the gate with the add-on in "nats micro ls"', async () => {
    expect(findProgram('nats')).toBeDefined();
    const args = ['--server', cluster.nats.url, 'micro', 'ls', '--json'];
    const seen = async (): Promise<readonly string[]> => {
      const {stdout} = await promisify(execFile)(requireServer('nats'), args);
      const found = JSON.parse(stdout) as readonly {readonly name: string; readonly id: string}[];
      return found.filter(({name}) => name === 'mqant-Gate').map(({id}) => id);
    };
    // it waits for nobody who is silent for 300 ms, as a process may be that a busy machine holds up
    const both = await until(
      async () => {
        const ids = await seen();
        return ids.length >= 2 && ids;
      },
      {what: 'both gates', timeoutMs: 60_000},
    );
    expect(both.toSorted()).toEqual(['addon', 'ours']);
  });

  test('lists the peers of each node, and a gatectl module', async () => {
    const names = async (one: string, other: string): Promise<void> => {
      await until(async () => (await namedBy(ours.bus, one)).includes(other), {
        what: `${one} to name ${other}`,
      });
    };
    await names('Gate@addon', 'Gate@ours');
    await names('Gate@addon', 'HelloWorld@ours');
    await names('Gate@ours', 'Gate@addon');
  });

  test('reports a suspended node as missing, because its peers list it', async () => {
    await until(async () => (await namedBy(ours.bus, 'Gate@ours')).includes('Gate@addon'), {
      what: 'its peer to know of it',
    });
    addon.server.signal('SIGSTOP');
    const {code, err} = await gatectl('gates', 'ping', '--timeout', '4s');
    addon.server.signal('SIGCONT');
    expect({code, err}).toMatchObject({code: 3, err: expect.stringContaining('Gate@addon')});
    await until(async () => (await gatectl('gates', 'ping')).code === 0, {what: 'it to be back'});
  });
});
