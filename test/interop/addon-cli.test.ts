import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {until} from '../support/poll.js';
import {type SpawnOptions, spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {closed, nextMessage, sessionIdOf} from '../support/test-gate.js';

/** The commands of the built program on an mqant gate with the add-on, found on the bus. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('gatectl commands on an mqant gate with the add-on', () => {
  let cluster: MqantCluster;
  let gate: MqantGate;
  let clients: MqttClients;
  let folder: string;
  let flags: readonly string[];
  let users = 0;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gatectl-addon-'));
    cluster = await MqantCluster.start({records: 'memory'});
    [gate] = await Promise.all([cluster.startGate('addon', {addon: true}), cluster.startModule('h1')]);
    await untilServing(gate.tcp, 'HelloWorld@h1');
    flags = ['--server', cluster.nats.url, '--registry', 'nats://', '--timeout', '20s'];
    clients = new MqttClients();
  }, 300_000);

  afterAll(async () => {
    await clients?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
    await rm(folder, {recursive: true, force: true});
  });

  const gatectl = (words: readonly string[], options?: SpawnOptions) =>
    spawnGatectl([...words, ...flags], options);
  const items = async (...words: readonly string[]) => {
    const {code, out, err} = await gatectl([...words, '-o', 'json']);
    expect({code, err}).toEqual({code: 0, err: ''});
    return (JSON.parse(out) as {readonly items: readonly Record<string, unknown>[]}).items;
  };

  interface Player {
    readonly client: MqttClient;
    readonly id: string;
    readonly uid: string;
  }

  /** A client that is bound to a user of its own, with a setting. */
  async function join(): Promise<Player> {
    const client = await clients.open(gate.tcp);
    const id = await sessionIdOf(client);
    users += 1;
    const uid = `player ${users}`;
    expect(await gatectl(['bind', id, uid])).toMatchObject({code: 0});
    expect(await gatectl(['settings', 'set', id, `team=t${users}`])).toMatchObject({code: 0});
    return {client, id, uid};
  }

  test('lists, describes and pings gates; runs doctor', async () => {
    expect(await items('gates', 'list')).toMatchObject([{gate: 'Gate@addon', source: 'nats'}]);
    const [info] = await items('gates', 'info');
    expect(info).toMatchObject({gate: 'Gate@addon', software: 'mqant', softwareVersion: 'v1.5.3'});
    expect(await items('gates', 'ping')).toMatchObject([{gate: 'Gate@addon'}]);
    const doctor = await gatectl(['doctor']);
    expect(doctor.out).toContain('Gate@addon');
    expect([0, 1]).toContain(doctor.code);
  });

  test('lists sessions with selector, order, limit and columns; counts in groups; top, find, get', async () => {
    const [a, b] = [await join(), await join()];
    const all = await items('sessions', 'list');
    expect(all.map(({id}) => id)).toEqual(expect.arrayContaining([a.id, b.id]));
    const row = all.find(({id}) => id === a.id);
    expect(row).toMatchObject({
      gate: 'Gate@addon',
      uid: a.uid,
      guest: false,
      network: 'tcp',
      lastActiveAt: null,
    });
    expect(Date.parse(String(row?.['connectedAt']))).toBeGreaterThan(Date.now() - 60_000);
    const one = await items('sessions', 'list', '--where', `uid == "${a.uid}" && age < duration("1h")`);
    expect(one.map(({id}) => id)).toEqual([a.id]);
    const sorted = await gatectl(['sessions', 'list', '--sort=-uid', '--limit', '1', '-o', 'ids']);
    expect(sorted).toMatchObject({code: 0, out: `Gate@addon/${b.id}\n`});
    const counted = await items(
      'sessions',
      'count',
      '--where',
      'settings.team == "t1"',
      '--by',
      'settings.team',
    );
    expect(counted).toMatchObject([{sessions: 1}]);
    expect((await items('sessions', 'find', b.uid)).map(({id}) => id)).toEqual([b.id]);
    const got = await gatectl(['sessions', 'get', a.id, '-o', 'json']);
    expect(JSON.parse(got.out)).toMatchObject({id: a.id, uid: a.uid});
    expect(await gatectl(['sessions', 'top', '--once'])).toMatchObject({code: 0});
  });

  test('watches selected sessions', async () => {
    const player = await join();
    const where = `uid == "${player.uid}"`;
    let heard = '';
    let end = (): void => {};
    const watching = gatectl(['sessions', 'watch', '--where', where, '-o', 'jsonl'], {
      onStart(child) {
        child.stdout?.on('data', (chunk: Buffer) => {
          heard += chunk.toString();
        });
        end = () => void child.kill('SIGINT');
      },
    });
    await until(() => /watching/.test(heard), {what: 'the watch to begin'});
    await join(); // somebody else
    await gatectl(['settings', 'set', player.id, 'watched=1']);
    await gatectl(['sessions', 'kick', player.id, '--yes']);
    await until(() => /"closed"/.test(heard), {what: 'the end'});
    end();
    await watching;
    const events = heard
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((event) => event['type'] === 'event' || 'id' in event);
    expect(events.map((event) => event['uid'] ?? (event['session'] as {uid: string}).uid)).toEqual([
      player.uid,
      player.uid,
    ]);
  });

  test('sends, broadcasts, unbinds; lists, gets, unsets, compares and undoes settings', async () => {
    const {client, id, uid} = await join();
    const pushed = nextMessage(client, '/a');
    expect(await gatectl(['send', id, '/a', 'hello'])).toMatchObject({code: 0});
    expect((await pushed).toString()).toBe('hello');
    const cast = nextMessage(client, '/all');
    expect(await gatectl(['broadcast', '/all', 'hi', '--yes'])).toMatchObject({code: 0});
    expect((await cast).toString()).toBe('hi');
    const state = path.join(folder, 'state');
    const env = {XDG_STATE_HOME: state};
    expect(await gatectl(['settings', 'set', id, 'vip=1'], {env})).toMatchObject({code: 0});
    expect(await gatectl(['settings', 'get', id, 'vip'])).toMatchObject({code: 0, out: '1\n'});
    expect((await gatectl(['settings', 'list', id])).out).toContain('vip');
    expect(await gatectl(['settings', 'set', id, 'vip=2', '--if', 'vip=0'], {env})).toMatchObject({code: 5});
    expect(await gatectl(['settings', 'set', id, 'vip=2', '--if', 'vip=1'], {env})).toMatchObject({code: 0});
    expect(await gatectl(['settings', 'undo', id, '--yes'], {env})).toMatchObject({code: 0});
    expect(await gatectl(['settings', 'get', id, 'vip'])).toMatchObject({out: '1\n'});
    expect(await gatectl(['settings', 'unset', id, 'vip'])).toMatchObject({code: 0});
    expect(await gatectl(['unbind', id])).toMatchObject({code: 0});
    expect(await gatectl(['sessions', 'find', uid])).not.toMatchObject({out: expect.stringContaining(id)});
  });

  test('writes settings and kicks by selector, matching sessions only', async () => {
    const [a, b] = [await join(), await join()];
    const where = ['--where', `uid == "${a.uid}"`];
    expect(await gatectl(['settings', 'set', ...where, 'bulk=1', '--yes'])).toMatchObject({code: 0});
    expect(await gatectl(['settings', 'get', a.id, 'bulk'])).toMatchObject({out: '1\n'});
    expect(await gatectl(['settings', 'get', b.id, 'bulk'])).toMatchObject({code: 1});
    expect(await gatectl(['sessions', 'kick', ...where, '--yes'])).toMatchObject({code: 0});
    await closed(a.client);
    expect(await gatectl(['sessions', 'get', b.id])).toMatchObject({code: 0});
  });

  test('lists, gets, sets, diffs, exports, imports and deletes records', async () => {
    const {client, id, uid} = await join();
    expect((await items('records', 'list')).map((record) => record['uid'])).toContain(uid);
    const {code, out} = await gatectl(['records', 'get', uid, '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({uid});
    const diff = await gatectl(['records', 'diff', uid]);
    expect([0, 1]).toContain(diff.code);
    expect(await gatectl(['sessions', 'kick', id, '--yes'])).toMatchObject({code: 0});
    await closed(client);
    expect(await gatectl(['records', 'set', uid, 'gift=7', '--yes'])).toMatchObject({code: 0});
    const exported = await gatectl(['records', 'export']);
    expect(exported.code).toBe(0);
    const file = path.join(folder, 'records.jsonl');
    const ofUser = exported.out.split('\n').filter((line) => line.includes(JSON.stringify(uid)));
    await writeFile(file, ofUser.join('\n'));
    expect(await gatectl(['records', 'delete', uid, '--yes'])).toMatchObject({code: 0});
    expect(await gatectl(['records', 'get', uid])).toMatchObject({code: 1});
    expect(await readFile(file, 'utf8')).toContain(uid);
    const imported = await gatectl(['records', 'import', file, '--yes']);
    expect(imported).toMatchObject({code: 0});
    expect((await gatectl(['records', 'get', uid, '-o', 'json'])).out).toContain('gift');
  });

  test('reports that the storage handler cannot set a time to live', async () => {
    const {uid, id} = await join();
    await gatectl(['sessions', 'kick', id, '--yes']);
    const {code, err} = await gatectl(['records', 'expire', uid, '10m', '--yes']);
    expect(code).not.toBe(0);
    expect(err).toContain('cannot expire');
  });
});
