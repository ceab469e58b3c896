import {afterAll, beforeAll, expect, test} from 'vitest';
import {aNodeLeft, MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {startOurKit} from '../support/our-kit.js';
import {spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {ask, sessionIdOf} from '../support/test-gate.js';

/** consul is mqant's default registry. */
describeWith(
  'go',
  'nats-server',
  'consul',
)("mqant and gatectl's kit in one cluster on consul", () => {
  const open: AsyncDisposable[] = [];
  let cluster: MqantCluster;
  let goGate: MqantGate;
  let addonGate: MqantGate;
  let ourGate: {readonly tcp: string};

  beforeAll(async () => {
    cluster = await MqantCluster.start({registry: 'consul'});
    cluster.mayLog(aNodeLeft); // our module, which is stopped first
    open.push(cluster);
    [goGate, addonGate] = await Promise.all([
      cluster.startGate('go'),
      cluster.startGate('addon', {addon: true}),
      cluster.startModule('go'),
    ]);
    const kit = await startOurKit(cluster);
    open.push(kit);
    const [first] = kit.gates;
    if (first === undefined) throw new Error('there is no gate of ours');
    ourGate = first;
    for (const {tcp} of [goGate, addonGate, ourGate]) {
      for (const id of ['HelloWorld@go', 'HelloWorld@ours']) await untilServing(tcp, id);
    }
  }, 300_000);
  afterAll(async () => {
    for (const part of open.reverse()) await part[Symbol.asyncDispose]();
  });

  test('finds all gates, and a session on each', async () => {
    await using clients = new MqttClients();
    const list = await spawnGatectl(['gates', 'list', '-o', 'ids', ...cluster.flags]);
    expect(list).toMatchObject({code: 0, out: 'Gate@addon\nGate@go\nGate@ours\n'});
    for (const {tcp} of [goGate, addonGate, ourGate]) {
      const id = await sessionIdOf(await clients.open(tcp));
      expect(await spawnGatectl(['sessions', 'get', id, ...cluster.flags])).toMatchObject({code: 0});
    }
  });

  test.each(['go', 'ours'])('serves clients of all gates through module %s', async (module) => {
    await using clients = new MqttClients();
    for (const {tcp} of [goGate, addonGate, ourGate]) {
      const client = await clients.open(tcp);
      expect(await ask(client, `HelloWorld@${module}/HD_login/1`, '{"uid":"neo"}')).toMatchObject({
        Error: '',
        Result: 'welcome neo',
      });
    }
  });
});
