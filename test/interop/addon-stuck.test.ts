import {afterAll, beforeAll, expect, test} from 'vitest';
import type {Bus} from '../../src/bus/bus.js';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {GateClient} from '../../src/bus/gate/gate-client.js';
import {Caller} from '../../src/bus/rpc/caller.js';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {until} from '../support/poll.js';
import {spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {sessionIdOf} from '../support/test-gate.js';

/** Each message waits in mqant until the client reads, so that its call is not answered either. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('a client of an mqant gate with the add-on that does not read', () => {
  let cluster: MqantCluster;
  let gate: MqantGate;
  let bus: Bus;
  let api: GateClient;
  const clients = new MqttClients();

  beforeAll(async () => {
    cluster = await MqantCluster.start({records: 'memory'});
    [gate] = await Promise.all([cluster.startGate('addon', {addon: true}), cluster.startModule('h1')]);
    await untilServing(gate.tcp, 'HelloWorld@h1');
    bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
    const registry = cluster.openRegistry();
    const node = (await registry.nodes('Gate')).find(({id}) => id === gate.nodeId);
    await registry.close();
    const caller = new Caller(bus, {caller: 'stuck', hostname: 'test', timeoutMs: 5000});
    const target = {node: gate.nodeId, address: node?.address ?? '', subjectPerFunction: false};
    api = new GateClient({caller, target, maxPayloadBytes: bus.maxPayloadBytes});
  }, 300_000);

  afterAll(async () => {
    await clients[Symbol.asyncDispose]();
    await bus?.close();
    await cluster?.[Symbol.asyncDispose]();
  });

  test('is named with the message that waits, until it reads again', async () => {
    const [client, reader] = [await clients.open(gate.tcp), await clients.open(gate.tcp)];
    const id = await sessionIdOf(client);
    await sessionIdOf(reader);
    client.stream.pause();
    const body = Buffer.alloc(256 * 1024, 1);
    const waiting = async () =>
      (await api.connections({})).rows.find(
        ({session, connectionState: {oldestWaitingAt = 0} = {}}) =>
          session.sessionId === id && Date.now() - oldestWaitingAt > 500,
      );
    const stuck = await until(
      async () => {
        api.sendNoReply(id, 'news', body);
        return await waiting();
      },
      {what: 'the client to be stuck', timeoutMs: 60_000},
    );
    expect(stuck.connectionState?.waitingBytes).toBeGreaterThan(0);
    expect(stuck.connectionState).not.toHaveProperty('waitingPackets');
    expect(stuck.connectionState?.keepAliveEndsAt).toBeGreaterThan(Date.now());
    const flags = ['--server', cluster.nats.url, '--registry', 'nats://', '--timeout', '20s', '-o', 'json'];
    const {code, out} = await spawnGatectl(['sessions', 'top', '--by', 'waiting', ...flags]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({complete: true, items: [{id, gate: gate.nodeId}]});
    client.stream.resume();
    await until(async () => (await api.connections({})).rows.length === 0, {what: 'the queue to empty'});
  });
});
