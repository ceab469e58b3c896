import {afterAll, beforeAll, expect, test} from 'vitest';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {GateClient} from '../../src/bus/gate/gate-client.js';
import {Caller} from '../../src/bus/rpc/caller.js';
import {aNodeLeft, MqantCluster, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {startOurKit} from '../support/our-kit.js';
import {until} from '../support/poll.js';
import {describeWith} from '../support/servers.js';
import {ask} from '../support/test-gate.js';

/** A gate with the add-on and one of ours beside a stock gate, as a Go module's selector sees them. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('a drained gate beside a Go module', () => {
  const open: AsyncDisposable[] = [];
  let cluster: MqantCluster;
  let urls: Record<string, {readonly tcp: string; readonly ws: string}>;

  beforeAll(async () => {
    cluster = await MqantCluster.start();
    cluster.mayLog(aNodeLeft); // our module, which is stopped first
    open.push(cluster);
    const [stock, addon] = await Promise.all([
      cluster.startGate('stock'),
      cluster.startGate('addon', {addon: true}),
      cluster.startModule('go'),
    ]);
    const kit = await startOurKit(cluster);
    open.push(kit);
    const [ours] = kit.gates;
    if (ours === undefined) throw new Error('our gate was not started');
    urls = {'Gate@stock': stock, 'Gate@addon': addon, 'Gate@ours': ours};
    await untilServing(stock.tcp, 'HelloWorld@go');
  }, 300_000);

  afterAll(async () => {
    for (const part of open.reverse()) await part[Symbol.asyncDispose]();
  });

  /** Ids of the gates that the selector draws. */
  async function drawn(clients: MqttClients, by: 'weight' | 'alive' | 'random'): Promise<readonly string[]> {
    const client = await clients.open(urls['Gate@stock']?.tcp ?? '');
    const {Result} = await ask(client, `HelloWorld@go/HD_pick/${by}`, JSON.stringify({by}));
    return Object.keys(Result as object).sort();
  }

  test.each(['Gate@ours', 'Gate@addon'])(
    '%s is skipped by the selector and refuses clients',
    async (id) => {
      await using clients = new MqttClients();
      const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
      try {
        const registry = cluster.openRegistry();
        const node = (await registry.nodes('Gate')).find((one) => one.id === id);
        await registry.close();
        const caller = new Caller(bus, {caller: 'drain', hostname: 'test', timeoutMs: 5000});
        const target = {
          node: id,
          address: node?.address ?? '',
          subjectPerFunction: node?.subjectPerFunction ?? false,
        };
        const gate = new GateClient({caller, target, maxPayloadBytes: bus.maxPayloadBytes});
        const {tcp = '', ws = ''} = urls[id] ?? {};
        const all = ['Gate@addon', 'Gate@ours', 'Gate@stock'];
        expect(await drawn(clients, 'weight')).toEqual(all);
        expect(await drawn(clients, 'alive')).toEqual(['Gate@ours']);

        await gate.setDraining(true);
        await expect(clients.open(tcp)).rejects.toThrow('Server unavailable');
        await expect(clients.open(ws)).rejects.toThrow('Server unavailable');
        const seen = await until(
          async () => {
            const ids = await drawn(clients, 'weight');
            return !ids.includes(id) && ids;
          },
          {what: `the selector to skip ${id}`, timeoutMs: 30_000, everyMs: 200},
        );
        expect(seen).toEqual(all.filter((one) => one !== id));
        expect(await drawn(clients, 'random'), 'mqant default reads no metadata').toEqual(all);

        await gate.setDraining(false);
        await clients.open(tcp);
        await until(async () => (await drawn(clients, 'weight')).includes(id), {
          what: `the selector to draw ${id} again`,
          timeoutMs: 30_000,
          everyMs: 200,
        });
      } finally {
        await bus.close();
      }
    },
    120_000,
  );
});
