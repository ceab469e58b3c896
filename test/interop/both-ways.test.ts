import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {helloWorldHandlers} from '../../src/dev/hello-world.js';
import type {Handlers} from '../../src/module/handler-types.js';
import {MemoryStore} from '../../src/storage/memory-store.js';
import {aNodeLeft, MqantCluster, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {startOurKit} from '../support/our-kit.js';
import {describeWith} from '../support/servers.js';
import {ask, closed, nextMessage} from '../support/test-gate.js';

/** What the Go module of the tests has beyond the demo's. */
const moreHandlers: Handlers = {
  async HD_batch(session, body) {
    const ids = String((body as {readonly sessions: unknown}).sessions).split(',');
    return {count: await session.sendBatch(ids, '/gate/batch', 'to many')};
  },
  HD_bytes: (_session, body) => `${(body as Uint8Array).length} bytes`,
  async HD_kick(session) {
    await session.close();
    return 'closing';
  },
  HD_reward: async (session) => ({...(await session.send('/gate/reward', 'gold', {qos: 1}))}),
  HD_fail() {
    throw new Error('no such room');
  },
};

/** Clients of each gate ask either module: what they see must not tell the six combinations apart. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)("gatectl's kit and mqant in one cluster", () => {
  const open: AsyncDisposable[] = [];
  const gates: Record<string, {nodeId: string; tcp: string; ws: string}> = {};
  const modules: Record<string, string> = {go: 'HelloWorld@go', ours: 'HelloWorld@ours'};
  let cluster: MqantCluster;
  let clients: MqttClients;

  beforeAll(async () => {
    cluster = await MqantCluster.start();
    cluster.mayLog(aNodeLeft); // our module, which is stopped first
    open.push(cluster);
    const [goGate, addonGate] = await Promise.all([
      cluster.startGate('go'),
      cluster.startGate('addon', {addon: true}),
      cluster.startModule('go'),
    ]);
    gates['go'] = goGate;
    gates['addon'] = addonGate;
    const kit = await startOurKit(cluster, {
      handlers: {...helloWorldHandlers, ...moreHandlers},
      storage: new MemoryStore(),
    });
    open.push(kit);
    const [ourGate] = kit.gates;
    if (ourGate !== undefined) gates['ours'] = ourGate;
    for (const {tcp} of Object.values(gates)) {
      for (const module of Object.values(modules)) await untilServing(tcp, module);
    }
    clients = new MqttClients();
    open.push(clients);
  }, 300_000);

  afterAll(async () => {
    for (const part of open.reverse()) await part[Symbol.asyncDispose]();
  });

  interface Party {
    readonly client: MqttClient;
    /** Asks one function of the module under test. */
    call(fn: string, body?: object | string): Promise<{Error: string; Result: unknown}>;
  }

  async function join(gate: string, module: string, network: 'tcp' | 'ws'): Promise<Party> {
    const client = await clients.open(gates[gate]?.[network] ?? '');
    let requests = 0;
    return {
      client,
      call(fn, body = {}) {
        const topic = `${modules[module]}/${fn}/${requests++}`;
        return ask(client, topic, typeof body === 'string' ? body : JSON.stringify(body));
      },
    };
  }

  const pairs = ['go', 'addon', 'ours'].flatMap((gate) =>
    ['go', 'ours'].flatMap((module) => (['tcp', 'ws'] as const).map((network) => ({gate, module, network}))),
  );

  test.each(pairs)(
    'gate $gate, module $module, $network: passes the session as first argument',
    async (pair) => {
      const {call} = await join(pair.gate, pair.module, pair.network);
      expect(await call('HD_whoami')).toMatchObject({
        Error: '',
        Result: {
          serverId: `Gate@${pair.gate}`,
          network: pair.network === 'tcp' ? 'tcp' : 'websocket',
          userId: '',
          guest: true,
        },
      });
    },
  );

  test.each([
    ['go', {state: 'unsupported', detail: 'Gate@go has no GatectlDeliver'}],
    ['addon', {state: 'unsupported', detail: 'Gate@addon has no GatectlDeliver'}],
    ['ours', {state: 'acknowledged'}],
  ])('a module of ours that sends with QoS 1 to a client of gate %s learns %o', async (gate, outcome) => {
    const {call} = await join(gate, 'ours', 'tcp');
    expect(await call('HD_reward')).toMatchObject({Error: '', Result: outcome});
  });

  test.each(pairs)('gate $gate, module $module, $network: pushes and replies on say', async (pair) => {
    const {client, call} = await join(pair.gate, pair.module, pair.network);
    const pushed = nextMessage(client, '/gate/send/test');
    expect(await call('HD_say', {name: '老王'})).toMatchObject({
      Error: '',
      Result: `hi 老王, you are on Gate@${pair.gate}`,
    });
    expect((await pushed).toString()).toBe('send hi to 老王');
  });

  test.each(pairs)('gate $gate, module $module, $network: binds, sets and unbinds', async (pair) => {
    const {call} = await join(pair.gate, pair.module, pair.network);
    const uid = `${pair.gate}-${pair.module}-${pair.network}`;
    expect(await call('HD_login', {uid})).toMatchObject({Error: '', Result: `welcome ${uid}`});
    expect(await call('HD_room', {room: 'mqant'})).toMatchObject({Error: '', Result: {room: 'mqant'}});
    expect(await call('HD_level', {level: '2'})).toMatchObject({Error: ''});
    const {Result: bound} = await call('HD_whoami');
    expect(bound).toMatchObject({userId: uid, guest: false, settings: {level: '2', roomName: 'mqant'}});
    expect(await call('HD_leave')).toMatchObject({Error: '', Result: 'left'});
    expect(await call('HD_logout')).toMatchObject({Error: '', Result: 'bye'});
    const {Result: left} = await call('HD_whoami');
    expect(left).toMatchObject({userId: '', settings: {level: '2'}});
    expect((left as {settings: object}).settings).not.toHaveProperty('roomName');
  });

  test.each(pairs)(
    'gate $gate, module $module, $network: restores settings on the next bind',
    async (pair) => {
      const uid = `again-${pair.gate}-${pair.module}-${pair.network}`;
      const first = await join(pair.gate, pair.module, pair.network);
      await first.call('HD_login', {uid});
      await first.call('HD_level', {level: '41'});
      await first.call('HD_room', {room: 'zion'});
      first.client.end(true);
      const second = await join(pair.gate, pair.module, pair.network);
      await second.call('HD_login', {uid});
      const {Result} = await second.call('HD_whoami');
      expect(Result).toMatchObject({userId: uid, settings: {level: '41', roomName: 'zion'}});
    },
  );

  test.each(pairs)(
    'gate $gate, module $module, $network: sends a batch, bytes and an error, and kicks',
    async (pair) => {
      const {client, call} = await join(pair.gate, pair.module, pair.network);
      const other = await join(pair.gate, pair.module, pair.network);
      const idOf = async (party: Party) =>
        ((await party.call('HD_whoami')).Result as {sessionId: string}).sessionId;
      const ids = [await idOf({client, call}), await idOf(other), 'ffffffffffffffff'];
      const received = [nextMessage(client, '/gate/batch'), nextMessage(other.client, '/gate/batch')];
      expect(await call('HD_batch', {sessions: ids.join(',')})).toMatchObject({
        Error: '',
        Result: {count: 2},
      });
      expect((await Promise.all(received)).map(String)).toEqual(['to many', 'to many']);
      expect(await call('HD_bytes', 'four')).toMatchObject({Error: '', Result: '4 bytes'});
      expect(await call('HD_fail')).toMatchObject({Error: 'no such room'});
      client.publish(`${modules[pair.module]}/HD_kick`, '{}');
      await closed(client);
      expect(await other.call('HD_whoami')).toMatchObject({Error: ''});
    },
  );
});
