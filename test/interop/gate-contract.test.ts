import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {GateClient} from '../../src/bus/gate/gate-client.js';
import {Caller} from '../../src/bus/rpc/caller.js';
import {type ContractGate, gateContract} from '../support/gate-contract.js';
import {MqantCluster, type MqantGate, mqantVersions, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {describeWith} from '../support/servers.js';
import {closed, nextMessage, sessionIdOf} from '../support/test-gate.js';

/** Each version of mqant that the add-on is for, as it is and with the add-on, side by side in one cluster. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('the gate contract', () => {
  describe.each(mqantVersions)('mqant %s', (version) => {
    let cluster: MqantCluster;
    const gates = new Map<string, MqantGate>();

    beforeAll(async () => {
      cluster = await MqantCluster.start({records: 'memory', version});
      const [stock, extended] = await Promise.all([
        cluster.startGate('stock'),
        cluster.startGate('addon', {addon: true}),
        cluster.startModule('h1'),
      ]);
      for (const gate of [stock, extended]) {
        gates.set(gate.nodeId, gate);
        await untilServing(gate.tcp, 'HelloWorld@h1');
      }
    }, 600_000);
    afterAll(async () => await cluster?.[Symbol.asyncDispose]());

    gateContract(`a stock gate of mqant ${version}`, () => onBus(cluster, gates.get('Gate@stock')));
    gateContract(`a gate of mqant ${version} with the add-on`, () => onBus(cluster, gates.get('Gate@addon')));

    test.each(['Gate@stock', 'Gate@addon'])('%s logs no error and stays up', async (id) => {
      const gate = gates.get(id);
      expect(await gate?.faults()).toEqual([]);
      await untilServing(gate?.tcp ?? '', 'HelloWorld@h1');
    });
  });
});

async function onBus(cluster: MqantCluster, gate: MqantGate | undefined): Promise<ContractGate> {
  if (gate === undefined) throw new Error('the gate was not started');
  const {nodeId, tcp} = gate;
  const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
  const registry = cluster.openRegistry();
  const node = (await registry.nodes('Gate')).find(({id}) => id === nodeId);
  await registry.close();
  const caller = new Caller(bus, {caller: 'contract', hostname: 'test', timeoutMs: 5000});
  const target = {node: nodeId, address: node?.address ?? '', subjectPerFunction: false};
  const clients = new MqttClients();
  const isStock = nodeId === 'Gate@stock';
  return {
    gate: new GateClient({caller, target, maxPayloadBytes: bus.maxPayloadBytes}),
    stock: isStock,
    filters: false,
    delivers: false,
    ...(isStock
      ? {}
      : {listen: (subject, handler) => void bus.subscribe(subject, ({data}) => handler(data))}),
    async join() {
      const client = await clients.open(tcp);
      return {
        sessionId: await sessionIdOf(client),
        next: async (topic) => (await nextMessage(client, topic)).toString(),
        closed: () => closed(client),
      };
    },
    async [Symbol.asyncDispose]() {
      await clients[Symbol.asyncDispose]();
      await bus.close();
    },
  };
}
