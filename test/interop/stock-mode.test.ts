import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {until} from '../support/poll.js';
import {type SpawnOutcome, spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {ask, closed, sessionIdOf} from '../support/test-gate.js';

interface Item {
  readonly id: string;
  readonly uid: string;
  readonly source: string;
}

/** What can be known of the sessions of a gate as mqant ships it: from the store that it keeps records in, and from the bus. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('sessions of a stock mqant gate', () => {
  let cluster: MqantCluster;
  let gate: MqantGate;
  let clients: MqttClients;

  beforeAll(async () => {
    cluster = await MqantCluster.start();
    [gate] = await Promise.all([cluster.startGate('go1'), cluster.startModule('h1')]);
    await untilServing(gate.tcp, 'HelloWorld@h1');
    clients = new MqttClients();
  }, 300_000);
  afterAll(async () => {
    await clients?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  const gatectl = (...words: string[]): Promise<SpawnOutcome> =>
    spawnGatectl([...words, ...cluster.flags], {timeoutMs: 60_000});
  const list = async (...words: string[]) => {
    const {code, out, err} = await gatectl('sessions', 'list', ...words, '-o', 'json');
    const {items, complete} = JSON.parse(out) as {
      readonly items: readonly Item[];
      readonly complete: boolean;
    };
    return {code, err, items, complete};
  };

  async function join(url: string, uid?: string): Promise<{client: MqttClient; id: string}> {
    const client = await clients.open(url);
    const id = await sessionIdOf(client);
    if (uid !== undefined) await ask(client, 'HelloWorld/HD_login/1', JSON.stringify({uid}));
    return {client, id};
  }

  /** Asks the module again and again, so that the bus has something to tell. */
  async function whileActive<T>(client: MqttClient, work: Promise<T>): Promise<T> {
    let isOver = false;
    const done = work.finally(() => {
      isOver = true;
    });
    while (!isOver) await ask(client, 'HelloWorld/HD_whoami/1', '{}');
    return await done;
  }

  test('lists sessions with a record after the gate confirms them, and omits closed ones', async () => {
    const neo = await join(gate.tcp, 'neo');
    const trinity = await join(gate.ws, 'trinity');
    const gone = await join(gate.tcp, 'gone');
    gone.client.end(true);
    await closed(gone.client);
    await until(async () => (await gatectl('sessions', 'get', gone.id)).code === 1, {
      what: 'the gate to forget',
    });
    const {code, err, items, complete} = await list('--store', cluster.storeUrl);
    expect(items.map(({id, uid, source}) => [id, uid, source]).sort()).toEqual(
      [
        [neo.id, 'neo', 'record'],
        [trinity.id, 'trinity', 'record'],
      ].sort(),
    );
    expect({code, complete}).toEqual({code: 3, complete: false});
    expect(err).toContain(
      'Gate@go1 is a stock mqant gate: 2 of its sessions are known, and there may be others',
    );
    expect((await list('--store', cluster.storeUrl, '--allow-partial')).code).toBe(0);
    expect((await list('--store', cluster.storeUrl, '--uid', 'neo')).items).toMatchObject([{id: neo.id}]);
  });

  test('finds active sessions in bus traffic, guests included', async () => {
    const guest = await join(gate.tcp);
    const {items, code} = await whileActive(guest.client, list('--tap', '4s'));
    expect(items).toMatchObject([{id: guest.id, uid: '', source: 'tap', gate: 'Gate@go1', received: null}]);
    expect(code).toBe(3);
  });

  test("finds a uid's session by its record or bus traffic, else reports online or offline", async () => {
    const {client, id} = await join(gate.tcp, 'morpheus');
    const byRecord = await gatectl('sessions', 'find', 'morpheus', '--store', cluster.storeUrl, '-o', 'ids');
    expect(byRecord).toMatchObject({code: 3, out: `Gate@go1/${id}\n`});
    const find = gatectl('sessions', 'find', 'morpheus', '--tap', '4s', '-o', 'ids');
    expect(await whileActive(client, find)).toMatchObject({code: 3, out: `Gate@go1/${id}\n`});
    const neither = await gatectl('sessions', 'find', 'morpheus', '-o', 'ids');
    expect(neither).toMatchObject({
      code: 3,
      out: '',
      err: expect.stringContaining('cannot tell which connection of "morpheus" it has'),
    });
    const nobody = await gatectl('sessions', 'find', 'nobody', '--store', cluster.storeUrl);
    expect(nobody).toMatchObject({code: 1, out: ''});
  });

  test("traces clients' requests and modules' calls with names from etcd", async () => {
    const {client, id} = await join(gate.tcp);
    // by --node: when etcd is slower than --timeout, calls are there before the names of the nodes are
    const which = ['--node', 'HelloWorld', '--session', id, '--fn', 'HD_whoami', '--limit', '1'];
    const tracing = gatectl('trace', ...which, '-o', 'jsonl', '--bodies');
    const {code, out} = await whileActive(client, tracing);
    expect(code).toBe(0);
    expect(JSON.parse(out.split('\n')[0] ?? '')).toMatchObject({
      ...{type: 'call', node: 'HelloWorld@h1', fn: 'HD_whoami', id, outcome: 'ok'},
      body: {args: [{id, gate: 'Gate@go1'}, expect.anything()]},
    });
    const logins = gatectl('trace', '--node', 'Gate', '--fn', 'Bind', '--limit', '1', '-o', 'jsonl');
    let isOver = false;
    void logins.then(() => {
      isOver = true;
    });
    while (!isOver) await ask(client, 'HelloWorld/HD_login/1', '{"uid":"tank"}');
    const bind = JSON.parse((await logins).out.split('\n')[0] ?? '');
    expect(bind).toMatchObject({node: 'Gate@go1', fn: 'Bind', id, uid: 'tank', outcome: 'ok'});
  }, 120_000);

  test("leaves the gate's answers unchanged", async () => {
    expect((await gatectl('gates', 'ping')).code).toBe(0);
  });
});
