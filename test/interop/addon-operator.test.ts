import {readFile} from 'node:fs/promises';
import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {MqantCluster, type MqantGate, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {untilAcquainted} from '../support/named-by.js';
import {parsePrometheus} from '../support/prometheus.js';
import {type SpawnOptions, spawnGatectl} from '../support/run-cli.js';
import {describeWith} from '../support/servers.js';
import {type TemporaryFolder, temporaryFolder} from '../support/temp.js';
import {ask, closed, nextMessage, sessionIdOf} from '../support/test-gate.js';

interface Player {
  readonly client: MqttClient;
  readonly id: string;
  readonly uid: string;
}

/** What an operator does beside single reads and writes, by the built program, on two mqant gates with the add-on. */
describeWith(
  'go',
  'nats-server',
  'etcd',
)('operator commands on mqant gates with the add-on', () => {
  let cluster: MqantCluster;
  let gates: readonly MqantGate[];
  let clients: MqttClients;
  let folder: TemporaryFolder;
  let users = 0;

  beforeAll(async () => {
    [folder, cluster] = await Promise.all([temporaryFolder(), MqantCluster.start({records: 'memory'})]);
    const addon = {addon: true};
    const nodes = [cluster.startGate('a', addon), cluster.startGate('b', addon)] as const;
    [gates] = await Promise.all([Promise.all(nodes), cluster.startModule('h1')]);
    for (const {tcp} of gates) await untilServing(tcp, 'HelloWorld@h1');
    await untilAcquainted(cluster.nats.url, 'Gate@a', 'Gate@b');
    clients = new MqttClients();
  }, 300_000);

  afterAll(async () => {
    await clients?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
    await cluster?.[Symbol.asyncDispose]();
  });

  const inFolder = (name: string): string => path.join(folder.path, name);
  const gatectl = (words: readonly string[], {env, ...options}: SpawnOptions = {}) =>
    spawnGatectl([...words, '--server', cluster.nats.url, '--registry', 'nats://'], {
      timeoutMs: 60_000,
      env: {XDG_STATE_HOME: inFolder('state'), GATECTL_TIMEOUT: '20s', ...env},
      ...options,
    });
  const done = async (...words: readonly string[]): Promise<string> => {
    const {code, out, err} = await gatectl(words);
    expect(code, err).toBe(0);
    return out;
  };
  const json = async <T>(...words: readonly string[]): Promise<T> =>
    JSON.parse(await done(...words, '-o', 'json')) as T;

  async function join(room: string, at = 0): Promise<Player> {
    const client = await clients.open(gates[at]?.tcp ?? '');
    users += 1;
    const uid = `player${users}`;
    await ask(client, 'HelloWorld/HD_login/1', JSON.stringify({uid}));
    await ask(client, 'HelloWorld/HD_room/2', JSON.stringify({room}));
    return {client, id: await sessionIdOf(client), uid};
  }

  test('saves, lists and diffs snapshots; lists, counts and gets sessions of one', async () => {
    const [stays, leaves] = [await join('lobby'), await join('lobby', 1)];
    await done('snapshot', 'save', inFolder('before'));
    await done('sessions', 'kick', leaves.id, '--yes');
    await closed(leaves.client);
    const comes = await join('lobby');
    await done('settings', 'set', stays.id, 'mood=fine');
    await done('bind', stays.id, 'another');
    await done('snapshot', 'save'); // where they are kept
    const {items} = await json<{items: readonly {file: string}[]}>('snapshot', 'list');
    expect(items).toHaveLength(1);
    const diff = await gatectl(['snapshot', 'diff', inFolder('before'), items[0]?.file ?? '', '-o', 'json']);
    expect(diff.err).toContain('1 joined, 1 left, 0 moved, 0 reconnected, 1 rebound');
    const changes = JSON.parse(diff.out) as {items: readonly Record<string, unknown>[]};
    const told = (change: string, id: string) =>
      changes.items.some((item) => item['change'] === change && JSON.stringify(item).includes(id));
    expect([told('left', leaves.id), told('joined', comes.id), told('rebound', stays.id)]).toEqual([
      true,
      true,
      true,
    ]);
    const then = ['--snapshot', inFolder('before')];
    const listed = await json<{items: readonly {id: string}[]}>('sessions', 'list', ...then);
    expect(listed.items.map(({id}) => id).sort()).toEqual([stays.id, leaves.id].sort());
    expect(await done('sessions', 'get', leaves.id, ...then)).toContain(leaves.uid);
    const counted = await json<{items: readonly unknown[]}>('sessions', 'count', '--by', 'gate', ...then);
    expect(counted.items).toHaveLength(2);
  });

  test('finds one uid on two gates', async () => {
    const [a, b] = [await join('anomalies'), await join('anomalies', 1)];
    await done('bind', b.id, a.uid);
    type Found = {items: readonly {check: string; subject: string}[]};
    const {code, out} = await gatectl(['anomalies', '-o', 'json']);
    expect(code).toBe(1);
    expect((JSON.parse(out) as Found).items).toEqual(
      expect.arrayContaining([expect.objectContaining({check: 'duplicate-uid', subject: a.uid})]),
    );
  });

  test('reports the counters of mqant as metrics', async () => {
    const {client} = await join('metrics');
    await ask(client, 'HelloWorld/HD_whoami/1', '{}');
    const samples = parsePrometheus(await done('metrics'));
    const of = (metric: string, gate: string) =>
      samples.find(({name, labels}) => name === `gatectl_gate_${metric}` && labels['gate'] === gate)?.value;
    for (const gate of ['Gate@a', 'Gate@b']) expect(of('up', gate)).toBe(1);
    expect(of('received_messages_total', 'Gate@a')).toBeGreaterThanOrEqual(4); // login, room, who am I twice
    expect(of('bound_sessions', 'Gate@a')).toBeGreaterThanOrEqual(1);
  });

  test('traces a call to the gate and one to a module, by their names in etcd', async () => {
    const {client, id} = await join('trace');
    const registry = ['--server', cluster.nats.url, '--registry', cluster.registryUrl];
    const trace = async (...words: readonly string[]): Promise<unknown> => {
      const argv = ['trace', '--session', id, '--limit', '1', '-o', 'jsonl', ...words, ...registry];
      const tracing = spawnGatectl(argv, {timeoutMs: 60_000});
      let isOver = false;
      void tracing.then(() => {
        isOver = true;
      });
      while (!isOver) await ask(client, 'HelloWorld/HD_room/1', '{"room":"trace"}');
      return JSON.parse((await tracing).out.split('\n')[0] ?? '');
    };
    const ok = {id, outcome: 'ok'};
    expect(await trace('--node', 'Gate')).toMatchObject({...ok, node: 'Gate@a', fn: expect.any(String)});
    expect(await trace('--node', 'HelloWorld')).toMatchObject({...ok, node: 'HelloWorld@h1', fn: 'HD_room'});
  }, 120_000);

  test('applies a plan to the sessions it names', async () => {
    const [a, b] = [await join('plan'), await join('plan', 1)];
    const where = ['--where', 'settings.roomName == "plan"'];
    const plan = inFolder('plan');
    await done('settings', 'set', ...where, 'event=on', '--plan', plan);
    expect(
      (await readFile(plan, 'utf8')).split('\n').filter((line) => line.includes('"target"')),
    ).toHaveLength(2);
    expect(await gatectl(['settings', 'get', a.id, 'event'])).toMatchObject({code: 1}); // only planned
    await join('plan'); // later than the plan
    await done('apply', plan, '--yes');
    for (const {id} of [a, b]) expect(await done('settings', 'get', id, 'event')).toBe('on\n');
    expect(
      (await json<{items: readonly unknown[]}>('sessions', 'list', '--setting', 'event=on')).items,
    ).toHaveLength(2);
  });

  test('sends, unbinds, unsets and kicks by selector, with one outcome per session', async () => {
    const players = [await join('bulk'), await join('bulk'), await join('bulk', 1)];
    const bystander = await join('elsewhere');
    const where = ['--where', 'settings.roomName == "bulk"', '--yes'];
    const heard = players.map(({client}) => nextMessage(client, '/news'));
    const outcomes = inFolder('outcomes');
    await done('send', ...where, '/news', 'hello {{uid}}', '--template', '--outcome', outcomes);
    const bodies = (await Promise.all(heard)).map(String);
    expect(bodies).toEqual(players.map(({uid}) => `hello ${uid}`));
    expect(await readFile(outcomes, 'utf8')).toContain(players[0]?.id);
    await done('settings', 'unset', ...where, 'level');
    for (const {id} of players)
      expect(await gatectl(['settings', 'get', id, 'level'])).toMatchObject({code: 1});
    await done('unbind', ...where);
    for (const {uid} of players) expect(await gatectl(['sessions', 'find', uid])).toMatchObject({code: 1});
    await done('sessions', 'kick', ...where);
    await Promise.all(players.map(({client}) => closed(client)));
    expect(await done('settings', 'get', bystander.id, 'level')).toBe('1\n');
  });

  test('sends only the changes made in an editor, and undoes them', async () => {
    const {id} = await join('edit');
    const env = {EDITOR: "sed -i 's/edit/edited/'"};
    expect(await gatectl(['settings', 'edit', id], {env})).toMatchObject({code: 0});
    expect(await done('settings', 'get', id, 'roomName')).toBe('edited\n');
    await done('settings', 'undo', id, '--yes');
    expect(await done('settings', 'get', id, 'roomName')).toBe('edit\n');
  });

  test('shows a bind before it runs, and follows its duplicate policies', async () => {
    const [owner, other] = [await join('bind'), await join('bind', 1)];
    const dry = await json<Record<string, unknown>>('bind', other.id, owner.uid, '--dry-run');
    expect(dry).toMatchObject({would: true, uidBefore: other.uid, duplicates: [`Gate@a/${owner.id}`]});
    expect(await done('sessions', 'get', other.id)).toContain(other.uid);
    expect(await gatectl(['bind', other.id, 'new', '--if-bound', 'refuse'])).toMatchObject({code: 5});
    expect(await gatectl(['bind', other.id, owner.uid, '--duplicate', 'refuse'])).toMatchObject({code: 5});
    await done('bind', other.id, owner.uid, '--duplicate', 'takeover', '--yes');
    await closed(owner.client);
    const found = await json<{items: readonly {id: string}[]}>('sessions', 'find', owner.uid);
    expect(found.items.map(({id}) => id)).toEqual([other.id]);
  });

  test('runs doctor without false findings, and reports missing functions', async () => {
    const {items} = JSON.parse((await gatectl(['doctor', '-o', 'json'])).out) as {
      items: readonly {state: string; check: string; detail: string}[];
    };
    expect(items.filter(({state}) => state !== 'ok' && state !== 'warn')).toEqual([]);
    expect(JSON.stringify(items)).toContain('NATS cannot tell reads from writes');
    expect(JSON.stringify(items)).toContain('cannot expire');
  });

  test('records every write in the journal, and sorts top', async () => {
    const player = await join('journal');
    await done('settings', 'set', player.id, 'seen=1', '--reason', 'ticket 4711');
    const {out} = await gatectl(['audit', 'list', '-o', 'json']);
    expect(out).toContain('ticket 4711');
    for (let at = 0; at < 30; at += 1) await ask(player.client, 'HelloWorld/HD_whoami/1', '{}');
    type Listed = {items: readonly {id: string; received: number}[]};
    const {items} = await json<Listed>('sessions', 'top', '--once', '--by', 'received');
    expect(items.find(({id}) => id === player.id)?.received).toBeGreaterThanOrEqual(33);
    expect(items.map(({received}) => received)).toEqual(
      items.map(({received}) => received).sort((a, b) => b - a),
    );
  });
});
