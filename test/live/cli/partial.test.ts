import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {type AddressInfo, createServer} from 'node:net';
import path from 'node:path';
import {afterEach, expect, test} from 'vitest';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import {openCluster} from '../../../src/cluster/gates/open-cluster.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';
import {GateProcess} from '../../support/gate-process.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {cleanEnvironment, spawnGatectl} from '../../support/run-cli.js';
import {describeWith, freePort, type TestServer} from '../../support/servers.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function nats(conf = ''): Promise<TestServer> {
  const server = await startNats(conf);
  open.push(server);
  return server;
}

/** Puts gates on a bus, where operators find them. `as` may stand between a gate and the bus. */
async function serve(
  url: string,
  gates: readonly FakeGate[],
  as = (bus: Bus, _: FakeGate): Bus => bus,
): Promise<Bus> {
  const bus = await connectBus({server: url, timeoutMs: 5000, reconnect: true});
  const discovery = new NatsDiscovery({bus});
  open.push({
    [Symbol.asyncDispose]: async () => {
      await discovery.close();
      await bus.close();
    },
  });
  for (const gate of gates) {
    const node = aNode(gate.nodeId, {subjectPerFunction: false});
    const type = node.type;
    new Responder({
      bus: as(bus, gate),
      address: node.address,
      serve: gateCallHandler({gate, pages: gate, type}),
    });
    await discovery.register(node);
  }
  await bus.flush();
  return bus;
}

const rowsOn = (gate: string, count: number) =>
  Array.from({length: count}, (_, at) => aRow({serverId: gate, userId: `user ${at}`}));

const gateWith = (id: string, count: number): FakeGate => new FakeGate(id, rowsOn(id, count));

/** The bus with another way to publish. */
const publishing = (bus: Bus, publish: Bus['publish']): Bus =>
  new Proxy(bus, {
    get: (target, name) => {
      if (name === 'publish') return publish;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

interface Listed {
  readonly items: readonly {readonly gate: string}[];
  readonly complete: boolean;
  readonly gates: readonly {readonly node: string; readonly status: string; readonly reason?: string}[];
}

async function listed(url: string, ...more: readonly string[]): Promise<Listed & {readonly code: number}> {
  const {code, out} = await spawnGatectl(['sessions', 'list', '--server', url, '-o', 'json', ...more]);
  return {code, ...(JSON.parse(out) as Listed)};
}

describeWith('nats-server')('partial answers on a real bus', () => {
  test('B04: accepts a reply at 80 % of the timeout and drops one at 120 %', async () => {
    const {url} = await nats();
    const slow = gateWith('Gate@slow', 3);
    await serve(url, [gateWith('Gate@a', 2), slow]);
    const timeoutMs = 10_000; // two seconds between an answer and its deadline
    const cluster = await openCluster({
      server: url,
      registry: 'nats://',
      gateType: 'Gate',
      timeoutMs,
      reconnect: true,
    });
    open.push({[Symbol.asyncDispose]: () => cluster.close()});
    let answered = 0;
    const shares = [0.8, 1.2];
    slow.before = async () => {
      const share = shares.shift() ?? 0;
      await new Promise((resolve) => setTimeout(resolve, share * timeoutMs));
      answered += 1;
    };
    const early = cluster.count();
    await until(() => shares.length === 1, {what: 'the first question'});
    const late = cluster.count();
    expect((await early).outcomes.map(({status}) => status)).toEqual(['ok', 'ok']);
    const {results, outcomes} = await late;
    expect([...results.keys()]).toEqual(['Gate@a']);
    expect(outcomes.find(({node}) => node === 'Gate@slow')).toMatchObject({reason: 'timeout'});
    await until(() => answered === 2, {what: 'the late answer'});
    slow.before = () => {};
    expect((await cluster.count()).results.get('Gate@slow')).toMatchObject({sessions: 3});
  });

  test("B06: keeps other gates' rows despite garbage, repeated and misdirected replies", async () => {
    const {url} = await nats();
    const [garbage, tenfold, stale, liar] = ['garbage', 'tenfold', 'stale', 'liar'].map((id) =>
      gateWith(`Gate@${id}`, 2),
    );
    if (garbage === undefined || tenfold === undefined || stale === undefined || liar === undefined)
      throw new Error();
    for (const row of liar.rows.values())
      liar.add({...row, session: {...row.session, serverId: 'Gate@good'}});
    const {info} = liar;
    liar.info = async () => ({...(await info.call(liar)), nodeId: 'Gate@good'});
    let first: Uint8Array | undefined;
    await serve(url, [gateWith('Gate@good', 2), garbage, tenfold, stale, liar], (bus, gate) => {
      if (gate === garbage) return publishing(bus, (to) => bus.publish(to, Buffer.from('not an envelope')));
      if (gate === tenfold)
        return publishing(bus, (to, data) => {
          for (let time = 0; time < 10; time += 1) bus.publish(to, data);
        });
      if (gate !== stale) return bus;
      return publishing(bus, (to, data) => {
        first ??= Buffer.from(data);
        bus.publish(to, first);
      });
    });
    await listed(url); // whose answer the stale gate gives from now on
    const {code, items, gates} = await listed(url);
    const failed = gates.filter(({status}) => status === 'failed').map(({node, reason}) => [node, reason]);
    expect(failed.sort()).toEqual([
      ['Gate@garbage', 'bad-reply'],
      ['Gate@stale', 'bad-reply'],
    ]);
    expect(items.map(({gate}) => gate).sort()).toEqual(
      ['Gate@good', 'Gate@liar', 'Gate@tenfold'].flatMap((gate) => [gate, gate]),
    );
    expect(code).toBe(3);
    const told = await spawnGatectl(['gates', 'info', '--server', url, '-o', 'ids', '--allow-partial']);
    expect(told.out.split('\n')).toContain('Gate@liar');
  });

  test('B07: reports a page above max_payload as too large; gatectl gates page below it', async () => {
    const {url} = await nats('max_payload: 4096');
    const large = gateWith('Gate@large', 400);
    large.pageSize = 400;
    await serve(url, [large, gateWith('Gate@small', 2)]);
    const {code, items, gates} = await listed(url);
    expect({code, count: items.length}).toEqual({code: 3, count: 2});
    expect(gates.find(({node}) => node === 'Gate@large')).toMatchObject({
      status: 'failed',
      reason: 'too-large',
    });
    const ours = await GateProcess.start('ours', url, '--gate-type', 'Ours');
    open.push(ours);
    const clients = new MqttClients();
    open.push(clients);
    for (let at = 0; at < 60; at += 1) await clients.open(ours.tcp);
    const paged = await listed(url, '--gate-type', 'Ours');
    expect({code: paged.code, count: paged.items.length, complete: paged.complete}).toEqual({
      code: 0,
      count: 60,
      complete: true,
    });
  });

  test('B08: exits 8 with a specific message without gates, registry or NATS, or when they never speak', async () => {
    const {url} = await nats();
    const hole = createServer(() => {}).listen(0, '127.0.0.1');
    await once(hole, 'listening');
    const {port} = hole.address() as AddressInfo;
    const closed = await freePort();
    const said = new Set<string>();
    for (const [timeout, ...flags] of [
      // what is known at once is known long before it
      ['20s', '--server', url],
      ['20s', '--server', url, '--registry', `etcd://127.0.0.1:${closed}`],
      ['4s', '--server', url, '--registry', `consul://127.0.0.1:${port}`], // NATS is to answer within it
      ['20s', '--server', `nats://127.0.0.1:${closed}`],
      ['700ms', '--server', `nats://127.0.0.1:${port}`],
    ] as const) {
      const {code, err, out, ms} = await spawnGatectl(['sessions', 'list', '--timeout', timeout, ...flags]);
      expect({flags, code, out}).toEqual({flags, code: 8, out: ''});
      expect(ms, flags.join(' ')).toBeLessThan(30_000); // none is waited for without end
      said.add(err.split('\n')[0]?.replaceAll(/\d{4,5}/g, 'n') ?? '');
    }
    hole.close();
    expect([...said]).toHaveLength(5);
  });

  test('B14: separates two clusters on one NATS by their gate type', async () => {
    const {url} = await nats();
    await serve(url, [gateWith('Gate@a', 2), gateWith('SV_Gate@a', 3)]);
    for (const [type, count] of [
      ['Gate', 2],
      ['SV_Gate', 3],
    ] as const) {
      const {code, items} = await listed(url, '--gate-type', type);
      expect({code, gates: items.map(({gate}) => gate)}).toEqual({
        code: 0,
        gates: Array(count).fill(`${type}@a`),
      });
    }
  });

  test('B15: stops fetching while nobody reads, with bounded memory, then returns every row', async () => {
    const {url} = await nats();
    const rows = 100_000;
    const gate = gateWith('Gate@full', rows);
    gate.pageSize = 1000;
    const pages = rowsInPages(gate);
    await serve(url, [gate]);
    const child = spawn(
      process.execPath,
      [
        path.resolve('bin/gatectl.js'),
        'sessions',
        'list',
        '-o',
        'jsonl',
        '--server',
        url,
        '--timeout',
        '30s',
      ],
      {env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe']},
    );
    const ended = once(child, 'close');
    let asked = 0;
    await until(
      () => {
        const isStill = pages() > 0 && pages() === asked;
        asked = pages();
        return isStill;
      },
      {what: 'the gate to be left alone', everyMs: 700},
    );
    expect(asked).toBeLessThan(rows / gate.pageSize / 2);
    let lines = 0;
    let peak = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) lines += 1;
    });
    while (child.exitCode === null) {
      peak = Math.max(peak, await peakBytes(child.pid));
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
    await ended;
    expect({code: child.exitCode, lines}).toEqual({code: 0, lines: rows + 1});
    expect(peak).toBeGreaterThan(0);
    expect(peak).toBeLessThan(150 * 1024 * 1024);
  });
});

/** Lists by an order that is made once: the fake gate sorts anew for each page. */
function rowsInPages(gate: FakeGate): () => number {
  const rows = [...gate.rows.values()];
  let pages = 0;
  gate.list = async ({after = ''}) => {
    pages += 1;
    const from = Number(after);
    const to = from + gate.pageSize;
    return {rows: rows.slice(from, to), next: to < rows.length ? String(to) : '', now: 3000};
  };
  return () => pages;
}

/** VmHWM of a process; 0 once it is gone. */
async function peakBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
