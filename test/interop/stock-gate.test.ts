import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {until} from '../support/poll.js';
import {type SpawnOutcome, spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {ask, closed, nextMessage, sessionIdOf} from '../support/test-gate.js';

/** The built program against a gate as mqant ships it, with a module of mqant's behind it. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('a stock mqant gate', () => {
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

  const gatectl = (...words: string[]): Promise<SpawnOutcome> => spawnGatectl([...words, ...cluster.flags]);
  const json = async (...words: string[]) => {
    const {code, out, err} = await gatectl(...words, '-o', 'json');
    return {code, err, ...(JSON.parse(out) as {readonly items?: unknown; readonly gates?: unknown})};
  };

  async function join(url: string): Promise<{client: MqttClient; id: string}> {
    const client = await clients.open(url);
    return {client, id: await sessionIdOf(client)};
  }

  test('is found in etcd', async () => {
    const {code, items} = await json('gates', 'list');
    expect(code).toBe(0);
    expect(items).toMatchObject([{gate: 'Gate@go1', source: 'etcd', kind: 'stock-gate'}]);
  });

  test('C10: reports an mqant node that is not a gate as alive, speaking mqant RPC and lacking gate functions', async () => {
    const {code, out} = await gatectl('doctor', '--gate-type', 'HelloWorld', '-o', 'json');
    const {items} = JSON.parse(out) as {items: readonly Record<string, string>[]};
    expect(code).toBe(3);
    expect(items.filter(({subject}) => subject === 'HelloWorld@h1')).toMatchObject([
      {check: 'round trip', state: 'ok'},
      {
        check: 'functions',
        state: 'fail',
        detail: expect.stringContaining('speaks mqant RPC but has no IsConnect or GatectlInfo'),
      },
    ]);
    expect(await json('gates', 'list', '--gate-type', 'HelloWorld')).toMatchObject({
      code: 0,
      items: [{gate: 'HelloWorld@h1', kind: 'other', lacks: ['IsConnect', 'GatectlInfo']}],
    });
    const {err} = await gatectl('sessions', 'list', '--gate-type', 'HelloWorld');
    expect(err).toContain('speaks mqant RPC but has no ');
  });

  test('lists modules without a call, which the HTTP gateway of the documents would not survive', async () => {
    const listed = {
      code: 0,
      items: [
        {node: 'Gate@go1', kind: 'stock-gate'},
        {node: 'HelloWorld@h1', kind: null},
        {node: 'httpgate@h1', kind: null},
      ],
    };
    expect(await json('gates', 'list', '--all-types')).toMatchObject(listed);
    const named = await gatectl('sessions', 'get', 'httpgate@h1/00000000deadbeef');
    expect(named).toMatchObject({code: 2, err: expect.stringContaining('which is not a known gate type')});
    const none = await gatectl('sessions', 'list', '--gate-type', 'SV_Gate');
    expect(none.err).toContain('it has Gate (named like a gate), HelloWorld, httpgate');
    const {client} = await join(gate.tcp);
    expect(await ask(client, 'HelloWorld/HD_say/1', '{"name":"neo"}')).toMatchObject({Error: ''});
    expect(await json('gates', 'list', '--all-types')).toMatchObject(listed);
  });

  test('returns TCP and WebSocket sessions by id', async () => {
    const tcp = await join(gate.tcp);
    const ws = await join(gate.ws);
    const gateAndId = {gate: 'Gate@go1', uid: '', guest: true};
    expect(await json('sessions', 'get', tcp.id)).toMatchObject({
      ...gateAndId,
      code: 0,
      id: tcp.id,
      network: 'tcp',
    });
    expect(await json('sessions', 'get', `Gate@go1/${ws.id}`)).toMatchObject({
      code: 0,
      id: ws.id,
      network: 'websocket',
    });
  });

  test('reports "not found" for an unknown id', async () => {
    const {code, out, err} = await gatectl('sessions', 'get', 'ffffffffffffffff');
    expect({code, out}).toEqual({code: 1, out: ''});
    expect(err).toContain('no session "ffffffffffffffff" on the one gate');
  });

  test('fails to list with exit 3 and no rows', async () => {
    const {err, ...said} = await json('sessions', 'list');
    expect(said).toMatchObject({code: 3, items: [], complete: false});
    expect(err).toContain('1 of 1 gate cannot tell (Gate@go1 is a stock mqant gate: it has no GatectlList)');
  });

  test('fails to count with exit 3', async () => {
    const {code, err} = await gatectl('sessions', 'count');
    expect(code).toBe(3);
    expect(err).toContain('is a stock mqant gate');
  });

  test('finds that a uid is offline, or online with an unknown session', async () => {
    expect(await gatectl('sessions', 'find', 'morpheus')).toMatchObject({code: 1, out: ''});
    const {client} = await join(gate.tcp);
    await ask(client, 'HelloWorld/HD_login/1', '{"uid":"morpheus"}');
    const {code, out, err} = await gatectl('sessions', 'find', 'morpheus');
    expect({code, out}).toEqual({code: 3, out: ''});
    expect(err).toContain('it cannot tell which connection of "morpheus" it has');
  });

  test('sends bytes to the client unchanged', async () => {
    const {client, id} = await join(gate.tcp);
    const body = Buffer.from([0, 0xff, 0x1b, 0x80, 10]);
    const received = nextMessage(client, '/gate/send/test');
    expect(await gatectl('send', id, '/gate/send/test', body.toString('hex'), '--hex')).toMatchObject({
      code: 0,
    });
    expect(await received).toEqual(body);
  });

  test('broadcasts to every client and reports their number', async () => {
    const all = await Promise.all([join(gate.tcp), join(gate.ws), join(gate.tcp)]);
    const received = all.map(({client}) => nextMessage(client, '/to/all'));
    const {code, out} = await gatectl('broadcast', '/to/all', 'hello', '--yes');
    expect(code).toBe(0);
    const [, count] = /^Gate@go1\t(\d+)\n$/.exec(out) ?? [];
    expect(Number(count)).toBeGreaterThanOrEqual(3);
    expect((await Promise.all(received)).map(String)).toEqual(['hello', 'hello', 'hello']);
  });

  test('binds, rebinds and unbinds, as the module sees', async () => {
    const {client, id} = await join(gate.tcp);
    const userId = async () => {
      const {Result} = await ask(client, 'HelloWorld/HD_whoami/1', '{}');
      return (Result as {userId: string}).userId;
    };
    expect(await gatectl('bind', id, 'neo')).toMatchObject({code: 0});
    expect(await userId()).toBe('neo');
    const rebound = await gatectl('bind', id, 'the one 一');
    expect(rebound).toMatchObject({code: 0});
    expect(rebound.out).toContain('neo -> the one 一');
    expect(await userId()).toBe('the one 一');
    expect(await gatectl('unbind', id)).toMatchObject({code: 0});
    expect(await userId()).toBe('');
  });

  test('D16: reports settings that leak by a rebind, and clears them on request', async () => {
    const store = ['--store', cluster.storeUrl];
    const recordOf = async (uid: string) => {
      const {session} = JSON.parse((await gatectl('records', 'get', uid, ...store, '-o', 'json')).out);
      return session as {readonly settings: object};
    };
    const [{id: first}, {id: second}] = [await join(gate.tcp), await join(gate.tcp)];
    for (const [id, uid, pair] of [
      [first, 'u10', 'level=7'],
      [second, 'u9', 'room=lobby'],
    ] as const) {
      expect((await gatectl('bind', id, uid)).code).toBe(0);
      expect((await gatectl('settings', 'set', id, pair)).code).toBe(0);
    }
    await gatectl('unbind', first);
    const dry = await gatectl('bind', second, 'u10', '--dry-run', '-o', 'json', ...store);
    expect(JSON.parse(dry.out)).toMatchObject({
      comesIn: {level: '7'},
      leaks: {room: 'lobby'},
      duplicates: [],
    });
    expect((await gatectl('bind', second, 'u12')).err).toContain('cannot tell what the record of "u12" adds');
    await gatectl('bind', second, 'u9');
    const {code, err} = await gatectl('bind', second, 'u10', ...store);
    expect(code).toBe(0);
    expect(err).toContain('"room" of "u9" would be stored in the record of "u10"');
    expect(await recordOf('u10')).toMatchObject({settings: {level: '7', room: 'lobby'}});
    expect((await gatectl('bind', second, 'u11', '--clear-settings', ...store)).code).toBe(0);
    expect((await recordOf('u11')).settings).toEqual({});
    expect(await recordOf('u10')).toMatchObject({settings: {level: '7', room: 'lobby'}});
  });

  test('sets, reads and unsets settings, as the module sees', async () => {
    const {client, id} = await join(gate.ws);
    expect(await gatectl('settings', 'set', id, 'roomName=mqant', 'level=7')).toMatchObject({code: 0});
    const get = await gatectl('settings', 'get', id, 'roomName');
    expect(get).toMatchObject({code: 0, out: 'mqant\n'});
    expect(await gatectl('settings', 'unset', id, 'level')).toMatchObject({code: 0});
    const {Result} = await ask(client, 'HelloWorld/HD_whoami/1', '{}');
    expect((Result as {settings: object}).settings).toMatchObject({roomName: 'mqant'});
    expect((Result as {settings: object}).settings).not.toHaveProperty('level');
    expect(await gatectl('settings', 'get', id, 'level')).toMatchObject({code: 1});
  });

  test('verifies a kick: the client is disconnected and its session is gone', async () => {
    const {client, id} = await join(gate.tcp);
    const {code, out} = await gatectl('sessions', 'kick', id, '--yes');
    expect({code, out}).toEqual({code: 0, out: `${id}\tGate@go1\t\tclosed\n`});
    await closed(client);
    expect(await gatectl('sessions', 'get', id)).toMatchObject({code: 1});
  });

  test('reports that records cannot be listed or deleted', async () => {
    expect(await gatectl('records', 'list')).toMatchObject({code: 3, out: ''});
    const {code, out, err} = await gatectl('records', 'delete', 'neo', '--yes');
    expect({code, out}).toEqual({code: 3, out: ''});
    expect(err).toContain('the record of "neo" may still exist');
  });

  test('reports a killed gate at once while its lease lasts', async () => {
    const doomed = await cluster.startGate('go2');
    doomed.mayEnd();
    doomed.server.signal('SIGKILL');
    await doomed.server.stop(); // it has ended, and with it its connection to NATS
    const ping = await until(
      async () => {
        const answer = await json('gates', 'ping');
        return answer.code === 3 ? answer : undefined;
      },
      {what: 'the dead gate to be named', everyMs: 50},
    );
    expect(ping.err).toContain('Gate@go2');
    expect(ping.items).toMatchObject([{gate: 'Gate@go1'}]);
    const dead = (ping.gates as {node: string; ms: number}[]).find(({node}) => node === 'Gate@go2');
    expect(dead).toMatchObject({reason: 'no-responders'});
    expect(dead?.ms).toBeLessThan(10_000); // and not after the 20 s that an answer may take
  });
});
