import {afterAll, beforeAll, expect, test} from 'vitest';
import {connectBus} from '../../src/bus/connect.js';
import {helloWorld} from '../../src/dev/hello-world.js';
import {startGate} from '../../src/gate/start-gate.js';
import {startModule} from '../../src/module/start-module.js';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {ask, sessionIdOf} from '../support/test-gate.js';

/** consul is mqant's default registry. */
describeWith(
  'go',
  'nats-server',
  'consul',
)('mqant and our kit in one cluster on consul', () => {
  const open: AsyncDisposable[] = [];
  let cluster: MqantCluster;
  let goGate: MqantGate;
  let ourGate: {readonly tcp: string};

  beforeAll(async () => {
    cluster = await MqantCluster.start({registry: 'consul'});
    open.push(cluster);
    [goGate] = await Promise.all([cluster.startGate('go'), cluster.startModule('go')]);
    const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
    const registry = cluster.openRegistry();
    const gate = await startGate({bus, registry, id: 'ours', tcp: {host: '127.0.0.1', port: 0}});
    const module = await startModule({type: 'HelloWorld', id: 'ours', bus, registry, handlers: helloWorld});
    ourGate = {tcp: `mqtt://127.0.0.1:${gate.tcpPort}`};
    open.push({
      async [Symbol.asyncDispose]() {
        await module.close(0);
        await gate.stop({drainMs: 0});
        await registry.close();
        await bus.close();
      },
    });
    for (const {tcp} of [goGate, ourGate]) {
      for (const id of ['HelloWorld@go', 'HelloWorld@ours']) await untilServing(tcp, id);
    }
  }, 300_000);
  afterAll(async () => {
    for (const part of open.reverse()) await part[Symbol.asyncDispose]();
  });

  test('gatectl finds both gates, and a session on either', async () => {
    await using clients = new MqttClients();
    const list = await spawnGatectl(['gates', 'list', '-o', 'ids', ...cluster.flags]);
    expect(list).toMatchObject({code: 0, out: 'Gate@go\nGate@ours\n'});
    for (const {tcp} of [goGate, ourGate]) {
      const id = await sessionIdOf(await clients.open(tcp));
      expect(await spawnGatectl(['sessions', 'get', id, ...cluster.flags])).toMatchObject({code: 0});
    }
  });

  test.each(['go', 'ours'])('clients of both gates are served by module %s', async (module) => {
    await using clients = new MqttClients();
    for (const {tcp} of [goGate, ourGate]) {
      const client = await clients.open(tcp);
      expect(await ask(client, `HelloWorld@${module}/HD_login/1`, '{"uid":"neo"}')).toMatchObject({
        Error: '',
        Result: 'welcome neo',
      });
    }
  });
});
