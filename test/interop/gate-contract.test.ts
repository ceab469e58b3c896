import {Caller} from '../../src/bus/caller.js';
import {connectBus} from '../../src/bus/connect.js';
import {GateClient} from '../../src/bus/gate-client.js';
import {type ContractGate, gateContract} from '../support/gate-contract.js';
import {MqantCluster, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {describeWith} from '../support/servers.js';
import {closed, nextMessage, sessionIdOf} from '../support/test-gate.js';

describeWith(
  'go',
  'nats-server',
  'etcd',
)('the contract of a gate', () => {
  gateContract('a stock mqant gate in Go', () => aGoGate(false));
  gateContract('an mqant gate in Go with the add-on', () => aGoGate(true));
});

async function aGoGate(addon: boolean): Promise<ContractGate> {
  const cluster = await MqantCluster.start({records: 'memory'});
  const [{nodeId, tcp}] = await Promise.all([cluster.startGate('go1', {addon}), cluster.startModule('h1')]);
  await untilServing(tcp, 'HelloWorld@h1');
  const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
  const registry = cluster.openRegistry();
  const node = (await registry.nodes('Gate'))[0];
  await registry.close();
  const caller = new Caller(bus, {caller: 'contract', hostname: 'test', timeoutMs: 5000});
  const target = {node: nodeId, address: node?.address ?? '', subjectPerFunction: false};
  const clients = new MqttClients();
  return {
    gate: new GateClient({caller, target, maxPayloadBytes: bus.maxPayloadBytes}),
    stock: !addon,
    filters: false,
    ...(addon ? {listen: (subject, handler) => void bus.subscribe(subject, ({data}) => handler(data))} : {}),
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
      await cluster[Symbol.asyncDispose]();
    },
  };
}
