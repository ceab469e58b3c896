import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect} from 'vitest';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {testOnScreen as test} from '../support/on-screen.js';
import {cleanEnvironment} from '../support/run-cli.js';
import {openScreen, type Screen} from '../support/screen.js';
import {describeWith} from '../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../support/temp.js';
import {ask, closed, nextMessage, sessionIdOf} from '../support/test-gate.js';

/** The dashboard of the built program in a real terminal, on mqant gates with the add-on. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('the dashboard on mqant gates with the add-on', () => {
  let cluster: MqantCluster;
  let gates: readonly MqantGate[];
  let clients: MqttClients;
  let folder: TemporaryFolder;

  beforeAll(async () => {
    [folder, cluster] = await Promise.all([temporaryFolder(), MqantCluster.start({records: 'memory'})]);
    const nodes = [cluster.startGate('a', {addon: true}), cluster.startGate('b', {addon: true})] as const;
    [gates] = await Promise.all([Promise.all(nodes), cluster.startModule('h1')]);
    for (const {tcp} of gates) await untilServing(tcp, 'HelloWorld@h1');
    clients = new MqttClients();
    for (const [at, uid] of ['ann', 'bob', 'cid'].entries()) await join(uid, 'hall', at % 2);
  }, 300_000);

  afterAll(async () => {
    await clients?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  async function join(uid: string, room: string, at = 0): Promise<{client: MqttClient; id: string}> {
    const client = await clients.open(gates[at]?.tcp ?? '');
    await ask(client, 'HelloWorld/HD_login/1', JSON.stringify({uid}));
    await ask(client, 'HelloWorld/HD_room/2', JSON.stringify({room}));
    return {client, id: await sessionIdOf(client)};
  }

  function open(registry: string): Screen {
    const {url} = cluster.nats;
    const env = {...cleanEnvironment(), GATECTL_SERVER: url, GATECTL_REGISTRY: registry, CI: undefined};
    return openScreen(process.execPath, [path.resolve('bin/gatectl.js')], {
      columns: 100,
      rows: 30,
      env: {...env, XDG_STATE_HOME: folder.path},
    });
  }

  /** The sessions of one user only, and in the first of them. */
  async function lookAt(screen: Screen, uid: string): Promise<void> {
    screen.press('2', '/');
    screen.send(`uid == "${uid}"`);
    await screen.becomes(
      'filtered',
      () => screen.text().includes('1 session') && !screen.text().includes('bob'),
    );
    screen.press('enter');
    await screen.shows('where uid ==');
  }

  test('shows gates with metrics, filtered and sorted sessions, records, and a session beside its record', async () => {
    await using screen = open('nats://');
    await screen.shows('live, 2 gates');
    for (const text of ['Gate@a', 'Gate@b', 'MemoryStore']) await screen.shows(text);
    screen.press('2');
    for (const uid of ['ann', 'bob', 'cid']) await screen.shows(uid);
    screen.press('o', 'ctrl-u', 'u', 'i', 'd', 'enter');
    await screen.shows('by uid');
    const order = () => [...screen.text().matchAll(/\b(ann|bob|cid)\b/g)].map(([name]) => name).join();
    await screen.becomes('sorted', () => order() === 'ann,bob,cid');
    await lookAt(screen, 'ann');
    screen.press('enter');
    for (const text of ['SETTING', 'roomName', 'hall', 'RECORD', 'revision']) await screen.shows(text);
    screen.press('4');
    for (const text of ['REVISION', 'ann', 'bob', 'cid']) await screen.shows(text);
    screen.press('q');
    expect((await screen.ended()).code).toBe(0);
  });

  test('sets a setting, sends a message, cancels and confirms a kick; shows events and the journal', async () => {
    const {client, id} = await join('visitor', 'attic');
    await using screen = open('nats://');
    await screen.shows('live, 2 gates');
    screen.press('3');
    await screen.shows('watching');
    await lookAt(screen, 'visitor');

    screen.press('K');
    await screen.shows('y yes');
    screen.press('n');
    await screen.shows('cancelled: nothing was sent');
    expect(client.connected).toBe(true);

    screen.press('enter');
    await screen.shows('attic');
    screen.press('e');
    await screen.shows('> value');
    screen.press('shift-tab', 'ctrl-u');
    screen.send('mood');
    screen.press('enter');
    screen.send('fine');
    await screen.shows('settings.mood: (none) -> fine');
    screen.press('enter');
    await screen.becomes('set', () => screen.text().includes('mood') && !screen.text().includes('$ gatectl'));

    const heard = nextMessage(client, '/note');
    screen.press('s');
    await screen.shows('topic');
    screen.press('ctrl-u');
    screen.send('/note');
    screen.press('enter');
    screen.send('from the screen');
    screen.press('enter');
    expect((await heard).toString()).toBe('from the screen');
    await screen.shows('written to the connection');

    screen.press('K');
    await screen.shows('y yes');
    screen.press('y');
    await screen.shows('closed, session removed');
    await screen.shows('GONE');
    await closed(client);

    screen.press('3');
    await screen.shows(/settings +visitor/);
    await screen.shows(/closed +visitor/);
    screen.press('5');
    for (const text of ['settings set', 'send', 'sessions kick']) await screen.shows(text);
    expect(screen.text()).toContain(id.slice(0, 6));
    screen.press('q');
    expect((await screen.ended()).code).toBe(0);
  });

  test('traces gates and modules by their names in etcd, by call and by function', async () => {
    const {client} = await join('caller', 'attic');
    await using screen = open(cluster.registryUrl);
    await screen.shows('live, 2 gates');
    screen.press('6');
    await screen.shows('OUTCOME');
    let isOver = false;
    const asking = (async () => {
      while (!isOver) await ask(client, 'HelloWorld/HD_room/1', '{"room":"attic"}');
    })();
    await screen.shows(/HelloWorld@h1 +HD_room/);
    screen.press('t');
    await screen.shows('MS P95');
    await screen.shows('HD_room');
    isOver = true;
    await asking;
    screen.press('q');
    expect((await screen.ended()).code).toBe(0);
  });
});
