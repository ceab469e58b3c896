import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {type SpawnOutcome, spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {ask, closed, sessionIdOf} from '../support/test-gate.js';

interface Item {
  readonly id: string;
  readonly uid: string;
  readonly source?: string;
}

/** Everything by uid and by selector on stock gates, with a context that holds the store and the tap. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('a stock gate with its store and a tap', () => {
  describe.each(['v1.2.0', 'v1.4.5', 'v1.4.12'] as const)('mqant %s', (version) => {
    let cluster: MqantCluster;
    let gate: MqantGate;
    let clients: MqttClients;
    let home: string;
    const env = (): Readonly<Record<string, string>> => ({
      HOME: home,
      XDG_CONFIG_HOME: '',
      XDG_STATE_HOME: '',
    });

    beforeAll(async () => {
      home = await mkdtemp(path.join(tmpdir(), 'gatectl-stock-'));
      cluster = await MqantCluster.start({version});
      [gate] = await Promise.all([cluster.startGate('go1'), cluster.startModule('h1')]);
      await untilServing(gate.tcp, 'HelloWorld@h1');
      clients = new MqttClients();
      const added = await spawnGatectl(
        ['context', 'add', 'stock', ...cluster.flags, '--stock-store', cluster.storeUrl],
        {env: env()},
      );
      expect(added).toMatchObject({code: 0});
      expect(await spawnGatectl(['context', 'use', 'stock'], {env: env()})).toMatchObject({code: 0});
    }, 600_000);
    afterAll(async () => {
      await clients?.[Symbol.asyncDispose]();
      await cluster?.[Symbol.asyncDispose]();
      await rm(home, {recursive: true, force: true});
    });

    const gatectl = (...words: string[]): Promise<SpawnOutcome> =>
      spawnGatectl(words, {timeoutMs: 60_000, env: env()});
    const json = async (...words: string[]) => {
      const {code, out, err} = await gatectl(...words, '-o', 'json');
      return {code, err, ...(JSON.parse(out) as {items: readonly Item[]; complete: boolean})};
    };
    const join = async (uid?: string): Promise<{client: MqttClient; id: string}> => {
      const client = await clients.open(gate.tcp);
      const id = await sessionIdOf(client);
      if (uid !== undefined) await ask(client, 'HelloWorld/HD_login/1', JSON.stringify({uid}));
      return {client, id};
    };
    /** Asks the module again and again, so that the bus mentions the session. */
    async function whileActive<T>(client: MqttClient, work: Promise<T>): Promise<T> {
      let isOver = false;
      const done = work.finally(() => {
        isOver = true;
      });
      while (!isOver) await ask(client, 'HelloWorld/HD_whoami/1', '{}');
      return await done;
    }

    test('find, list, count and get name the sessions of users with a record', async () => {
      const {id} = await join('neo');
      expect(await json('sessions', 'find', 'neo')).toMatchObject({
        code: 3,
        items: [{id, uid: 'neo', source: 'record'}],
      });
      expect((await json('sessions', 'list', '--uid', 'neo')).items).toMatchObject([{id}]);
      expect(await gatectl('sessions', 'count', '--uid', 'neo', '-o', 'tsv')).toMatchObject({
        code: 3,
        out: 'Gate@go1\t1\t1\n',
      });
      const got = await gatectl('sessions', 'get', id, '--record', '-o', 'json');
      expect({code: got.code, uid: JSON.parse(got.out).uid}).toEqual({code: 0, uid: 'neo'});
      expect(await json('sessions', 'find', 'nobody')).toMatchObject({code: 1, items: []});
    });

    test('the bus names guests and users without a record', async () => {
      const guest = await join();
      const listed = await whileActive(guest.client, json('sessions', 'list', '--guest', '--tap', '3s'));
      expect(listed.items).toMatchObject([{id: guest.id, uid: '', source: 'tap'}]);
    });

    test('a user whose session no source names is online, session unknown', async () => {
      await join('morpheus');
      const {code, out, err} = await gatectl(
        'sessions',
        'find',
        'morpheus',
        '--store',
        `file:${home}`,
        '-o',
        'json',
      );
      expect(code).toBe(3);
      expect(JSON.parse(out)).toMatchObject({
        items: [],
        online: [{gate: 'Gate@go1', uid: 'morpheus', id: null}],
      });
      expect(err).toContain('uid "morpheus" is online on Gate@go1, session unknown');
      expect(err).toContain('gatectl sessions find morpheus --tap 30s');
    });

    test('send, settings, unbind and kick act on the sessions of a uid', async () => {
      const {client, id} = await join('trinity');
      const select = ['--uid', 'trinity', '--allow-partial'];
      const refused = await gatectl('send', '--uid', 'trinity', 'notice', 'hello');
      expect(refused).toMatchObject({code: 3, err: expect.stringContaining('--allow-partial')});
      const message = new Promise<string>((resolve) => client.once('message', (topic) => resolve(topic)));
      expect(await gatectl('send', ...select, 'notice', 'hello')).toMatchObject({code: 0});
      expect(await message).toBe('notice');
      expect(await gatectl('settings', 'set', ...select, 'vip=1')).toMatchObject({code: 0});
      expect((await gatectl('settings', 'get', id, 'vip')).out).toBe('1\n');
      expect(await gatectl('settings', 'unset', ...select, 'vip')).toMatchObject({code: 0});
      expect(await gatectl('records', 'diff', 'trinity')).toMatchObject({code: 3});
      expect(await gatectl('unbind', ...select)).toMatchObject({code: 0});
      await ask(client, 'HelloWorld/HD_login/1', '{"uid":"trinity"}');
      const gone = closed(client);
      expect(await gatectl('sessions', 'kick', ...select, '--yes')).toMatchObject({code: 0});
      await gone;
    }, 120_000);

    test('records delete closes the session that the record names', async () => {
      const {client} = await join('cypher');
      const gone = closed(client);
      expect(await gatectl('records', 'delete', 'cypher', '--yes')).toMatchObject({code: 1});
      expect(await gatectl('records', 'delete', 'cypher', '--kick', '--yes')).toMatchObject({code: 0});
      await gone;
      expect(await gatectl('records', 'get', 'cypher')).toMatchObject({code: 1});
    });

    test('bind refuses a uid that another session has', async () => {
      await join('tank');
      const other = await join();
      const {code, err} = await gatectl('bind', `Gate@go1/${other.id}`, 'tank', '--duplicate', 'refuse');
      expect({code, err}).toEqual({code: 5, err: expect.stringContaining('"tank" is bound to Gate@go1/')});
      expect(await gatectl('bind', `Gate@go1/${other.id}`, 'switch')).toMatchObject({code: 0});
    });

    test('anomalies, snapshot and metrics read the known sessions', async () => {
      await join('oracle');
      expect((await json('anomalies')).code).toBe(3);
      const file = path.join(home, 'saved.jsonl');
      expect(await gatectl('snapshot', 'save', file)).toMatchObject({code: 3});
      const saved = await gatectl('sessions', 'list', '--uid', 'oracle', '--snapshot', file, '-o', 'tsv');
      expect(saved.out).toContain('oracle');
      const {code, out} = await gatectl('metrics');
      expect(code).toBe(0);
      expect(Number(/gatectl_gate_known_sessions\{gate="Gate@go1"\} (\d+)/.exec(out)?.[1])).toBeGreaterThan(
        0,
      );
      expect(out).not.toMatch(/gatectl_gate_sessions\{/);
    });

    test('a watch tells what the tap hears and the gate confirms, and says so', async () => {
      const {client, id} = await join('link');
      const watching = gatectl(
        'sessions',
        'watch',
        '--uid',
        'link',
        '--tap',
        '1s',
        '--limit',
        '1',
        '-o',
        'jsonl',
      );
      const {code, out} = await whileActive(client, watching);
      expect(code).toBe(3);
      const events = out.split('\n').filter((line) => line.includes('"type":"event"'));
      expect(JSON.parse(events[0] ?? '{}')).toMatchObject({
        kind: 'connected',
        id,
        uid: 'link',
        gate: 'Gate@go1',
      });
      expect(JSON.parse(events[0] ?? '{}').source).toMatch(/tap|record/);
    });

    test('the gate has logged no error', async () => {
      expect(await gate.faults()).toEqual([]);
    });
  });
});
