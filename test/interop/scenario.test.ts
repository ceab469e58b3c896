import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {openStore} from '../../src/storage/open-store.js';
import {aNodeLeft, MqantCluster, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {startOurKit} from '../support/our-kit.js';
import {spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {ask, closed, nextMessage} from '../support/test-gate.js';

/** One evening of one player, the same whoever wrote the gate and the module. Two gates of each kind share a store. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('the life cycle of a session', () => {
  const open: AsyncDisposable[] = [];
  const gates: Record<string, readonly {nodeId: string; tcp: string}[]> = {};
  const modules: Record<string, string> = {go: 'HelloWorld@go', ours: 'HelloWorld@ours'};
  let cluster: MqantCluster;
  let clients: MqttClients;

  beforeAll(async () => {
    cluster = await MqantCluster.start();
    cluster.mayLog(aNodeLeft); // our module, which is stopped first
    open.push(cluster);
    const [first, second, third, fourth] = await Promise.all([
      cluster.startGate('go1'),
      cluster.startGate('go2'),
      cluster.startGate('addon1', {addon: true}),
      cluster.startGate('addon2', {addon: true}),
      cluster.startModule('go'),
    ]);
    gates['go'] = [first, second];
    gates['addon'] = [third, fourth];
    const storage = await openStore(cluster.storeUrl);
    const kit = await startOurKit(cluster, {gates: ['ours1', 'ours2'], storage});
    open.push(kit);
    gates['ours'] = kit.gates;
    for (const {tcp} of Object.values(gates).flat()) {
      for (const module of Object.values(modules)) await untilServing(tcp, module);
    }
    clients = new MqttClients();
    open.push(clients);
  }, 300_000);

  afterAll(async () => {
    for (const part of open.reverse()) await part[Symbol.asyncDispose]();
  });

  const combinations = ['go', 'addon', 'ours'].flatMap((gate) =>
    ['go', 'ours'].map((module) => ({gate, module})),
  );

  test.each(combinations)('gate $gate, module $module', async ({gate, module}) => {
    const [first, second] = gates[gate] ?? [];
    const uid = `player ${gate} ${module}`;
    const rebound = `${uid} again`;
    let requests = 0;
    const call = (client: MqttClient, fn: string, body: object = {}) =>
      ask(client, `${modules[module]}/${fn}/${requests++}`, JSON.stringify(body));
    const whoAmI = async (client: MqttClient) =>
      (await call(client, 'HD_whoami')).Result as {
        sessionId: string;
        userId: string;
        settings: Record<string, string>;
      };

    // connect, say
    const client = await clients.open(first?.tcp ?? '');
    const pushed = nextMessage(client, '/gate/send/test');
    expect(await call(client, 'HD_say', {name: 'neo'})).toMatchObject({
      Result: `hi neo, you are on ${first?.nodeId}`,
    });
    expect((await pushed).toString()).toBe('send hi to neo');
    const before = await whoAmI(client);
    expect(before.userId).toBe('');

    // login, settings
    expect(await call(client, 'HD_login', {uid})).toMatchObject({Error: ''});
    await call(client, 'HD_room', {room: 'zion'});
    await call(client, 'HD_level', {level: '9'});
    expect(await whoAmI(client)).toMatchObject({userId: uid, settings: {roomName: 'zion', level: '9'}});

    // rebind: the settings of the connection go with it
    expect(await call(client, 'HD_login', {uid: rebound})).toMatchObject({Error: ''});
    expect(await whoAmI(client)).toMatchObject({userId: rebound, settings: {roomName: 'zion', level: '9'}});

    // the connection breaks; a new one, on another gate, is another session
    client.end(true);
    const again = await clients.open(second?.tcp ?? '');
    const after = await whoAmI(again);
    expect(after.sessionId).not.toBe(before.sessionId);
    expect(after).toMatchObject({userId: ''});
    expect(after.settings).not.toHaveProperty('roomName');

    // what was persisted comes back with the bind
    expect(await call(again, 'HD_login', {uid: rebound})).toMatchObject({Error: ''});
    expect(await whoAmI(again)).toMatchObject({userId: rebound, settings: {roomName: 'zion', level: '9'}});

    // force-delete: kicked, then deleted, and gone
    const gatectl = (...words: string[]) => spawnGatectl([...words, ...cluster.flags]);
    const refused = await gatectl('records', 'delete', rebound, '--yes', '--store', cluster.storeUrl);
    expect(refused).toMatchObject({code: 1, err: expect.stringContaining(`is online on ${second?.nodeId}`)});
    expect(await gatectl('sessions', 'kick', (await whoAmI(again)).sessionId, '--yes')).toMatchObject({
      code: 0,
    });
    await closed(again);
    expect(await gatectl('records', 'delete', rebound, '--yes', '--store', cluster.storeUrl)).toMatchObject({
      code: 0,
    });
    const third = await clients.open(first?.tcp ?? '');
    await call(third, 'HD_login', {uid: rebound});
    const fresh = await whoAmI(third);
    expect(fresh).toMatchObject({userId: rebound, settings: {level: '1'}});
    expect(fresh.settings).not.toHaveProperty('roomName');
  });
});
