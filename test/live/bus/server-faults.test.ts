import {promises as fs} from 'node:fs';
import path from 'node:path';
import {afterEach, expect, test} from 'vitest';
import {OutcomeUnknownError} from '../../../src/base/errors.js';
import type {Bus} from '../../../src/bus/bus.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {gateCallHandler} from '../../../src/bus/gate/gate-server.js';
import {Responder} from '../../../src/bus/rpc/responder.js';
import type {Cluster, ClusterEvent} from '../../../src/cluster/cluster.js';
import {openCluster} from '../../../src/cluster/gates/open-cluster.js';
import {NatsDiscovery} from '../../../src/registry/nats/nats-discovery.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {aRow, aSession, FakeGate} from '../../support/fake-gate.js';
import {aNode} from '../../support/fake-registry.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, freePort, type TestServer} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function nats(conf = ''): Promise<TestServer> {
  const server = await startNats(conf);
  open.push(server);
  return server;
}

async function serve(url: string, gates: readonly FakeGate[]): Promise<Bus> {
  const bus = await connectBus({server: url, timeoutMs: 5000, reconnect: true, pingIntervalMs: 1000});
  const discovery = new NatsDiscovery({bus});
  open.push({
    [Symbol.asyncDispose]: async () => {
      await discovery.close();
      await bus.close();
    },
  });
  for (const gate of gates) {
    const node = aNode(gate.nodeId);
    const functionSubjects = [
      'GatectlWatch',
      'GatectlCount',
      'Update',
      'Push',
      'IsConnect',
      'GatectlList',
    ] as const;
    new Responder({
      bus,
      address: node.address,
      serve: gateCallHandler({gate, pages: gate, type: 'Gate'}),
      functionSubjects,
    });
    await discovery.register(node);
    gate.publish = (subject, bytes) => bus.publish(subject, bytes);
  }
  await bus.flush();
  return bus;
}

async function operator(server: string, more: object = {}): Promise<Cluster> {
  const options = {server, registry: 'nats://', gateType: 'Gate', timeoutMs: 5000, reconnect: true};
  const cluster = await openCluster({...options, ...more});
  open.push({[Symbol.asyncDispose]: () => cluster.close()});
  return cluster;
}

interface Watch {
  readonly heard: readonly ClusterEvent[];
  /** Uids of the events, in order. */
  uids(): readonly string[];
  states(node: string): readonly string[];
  gaps(): number;
}

function watch(cluster: Cluster): Watch {
  const stop = new AbortController();
  const heard: ClusterEvent[] = [];
  const ended = (async () => {
    for await (const told of cluster.watch({signal: stop.signal})) heard.push(told);
  })();
  open.push({
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  });
  return {
    heard,
    uids: () => heard.flatMap((told) => (told.type === 'event' ? [told.event.session.userId] : [])),
    states: (node) =>
      heard.flatMap((told) => (told.type === 'gate' && told.node === node ? [told.state] : [])),
    gaps: () => heard.filter(({type}) => type === 'gap').length,
  };
}

const happens = (gate: FakeGate, userId: string): void =>
  gate.emit({kind: 'connected', session: encodeSession(aSession({userId}))});

describeWith('nats-server')('faults of a NATS server', () => {
  test('C08: keeps a watch through three server restarts, reports gaps and repeats nothing', async () => {
    const server = await nats();
    const gate = new FakeGate('Gate@a');
    const bus = await serve(server.url, [gate]);
    const {uids, states, gaps} = watch(await operator(server.url));
    await until(() => states('Gate@a').includes('watching'), {what: 'the watch'});
    for (const round of [1, 2, 3]) {
      happens(gate, `before ${round}`);
      await until(() => uids().includes(`before ${round}`), {what: 'the event before'});
      await server.stop();
      await until(() => !bus.connected, {what: 'the gate to notice'});
      expect(() => happens(gate, 'lost')).toThrow('is down');
      await server.restart();
      await until(() => bus.connected, {what: 'the gate to be back', timeoutMs: 10_000});
      await until(() => gaps() === round, {what: 'the gap to be told', timeoutMs: 15_000});
      happens(gate, `after ${round}`);
      await until(() => uids().includes(`after ${round}`), {what: 'the event after', timeoutMs: 15_000});
    }
    expect(uids()).toEqual([1, 2, 3].flatMap((round) => [`before ${round}`, `after ${round}`]));
    expect(gaps()).toBe(3);
  }, 60_000);

  test('C09: fails a command before its timeout when the server is lost for good', async () => {
    const server = await nats();
    const gate = new FakeGate('Gate@a');
    let asked = false;
    gate.before = () => {
      asked = true;
      return new Promise(() => {});
    };
    await serve(server.url, [gate]);
    const running = spawnGatectl(['sessions', 'count', '--server', server.url, '--timeout', '60s']);
    await until(() => asked, {what: 'the question'});
    const started = performance.now();
    server.signal('SIGKILL');
    const {code, err} = await running;
    expect({code, err}).toEqual({code: 8, err: expect.stringMatching(/lost the bus|is down/)});
    expect(performance.now() - started).toBeLessThan(30_000); // half of its timeout
  });

  test('C10: reports gates behind a hanging server as silent within seconds, and watches them again afterwards', async () => {
    const server = await nats();
    await serve(server.url, [new FakeGate('Gate@a')]);
    const {states} = watch(await operator(server.url));
    await until(() => states('Gate@a').at(-1) === 'watching', {what: 'the watch'});
    const started = performance.now();
    server.signal('SIGSTOP');
    try {
      await until(() => states('Gate@a').at(-1) === 'silent', {what: 'silence', timeoutMs: 40_000});
      // at the latest 3 s until the lease is renewed, and 5 s for an answer; pings of the bus would need minutes
      expect(performance.now() - started).toBeLessThan(25_000);
    } finally {
      server.signal('SIGCONT');
    }
    await until(() => states('Gate@a').at(-1) === 'watching', {what: 'the watch again'});
  });

  test('C12: fails over to another server: a pending write is unknown, a read is repeated, a watch continues', async () => {
    const ports = await Promise.all([freePort(), freePort(), freePort()]);
    const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
    const [first, second, third] = await Promise.all(
      ports.map((port, at) =>
        nats(
          `server_name: n${at}\ncluster { name: three, listen: "127.0.0.1:${port}", routes: [${routes}] }`,
        ),
      ),
    );
    if (first === undefined || second === undefined || third === undefined) throw new Error('no servers');
    const gate = new FakeGate('Gate@a', [aRow({sessionId: 's1', serverId: 'Gate@a'})]);
    await serve(second.url, [gate]);
    const list = [first, second, third].map(({url}) => url).join(',');
    const cluster = await until(
      () =>
        operator(list, {timeoutMs: 15_000}).then(async (one) =>
          (await one.gates()).length > 0 ? one : undefined,
        ),
      {
        what: 'the cluster to know itself',
        timeoutMs: 30_000,
      },
    );
    const {states, uids} = watch(cluster);
    await until(() => states('Gate@a').at(-1) === 'watching', {what: 'the watch', timeoutMs: 10_000});
    gate.before = (fn) => (fn === 'Push' ? new Promise(() => {}) : undefined);
    const writing = cluster.setSettings('Gate@a/s1', {a: '1'}).catch((error: unknown) => error);
    await until(() => gate.calls.includes('Push'), {what: 'the write'});
    let hangs = true; // what reaches the gate before the failover is never answered
    gate.before = (fn) => (hangs && fn === 'GatectlCount' ? new Promise(() => {}) : undefined);
    const asking = cluster.count();
    await until(() => gate.calls.includes('GatectlCount'), {what: 'the question'});
    hangs = false;
    first.signal('SIGKILL');
    const failure = await writing;
    expect((await asking).outcomes).toMatchObject([{status: 'ok', count: 1}]);
    expect(gate.calls.filter((fn) => fn === 'GatectlCount')).toHaveLength(2);
    expect(failure).toBeInstanceOf(OutcomeUnknownError);
    expect(gate.calls.filter((fn) => fn === 'Push')).toHaveLength(1);
    await until(async () => (await cluster.count()).outcomes.every(({status}) => status === 'ok'), {
      what: 'an answer by another server',
      timeoutMs: 15_000,
    });
    await until(
      () => {
        happens(gate, 'after');
        return uids().includes('after');
      },
      {what: 'events by another server', timeoutMs: 15_000, everyMs: 300},
    );
    const {code, out} = await spawnGatectl([
      'sessions',
      'count',
      '--server',
      list,
      '--timeout',
      '20s',
      '-o',
      'json',
    ]);
    expect({code, sessions: JSON.parse(out).sessions}).toEqual({code: 0, sessions: 1});
  }, 60_000);

  test('C14: names the gate whose permission was revoked, and watches the others', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'users.conf');
    const write = (denied: string) =>
      fs.writeFile(
        file,
        `users: [ {user: nodes, password: p}, {user: op, password: p, permissions: {publish: {allow: [">"], deny: [${denied}]}}} ]\n`,
      );
    await write('"none"');
    const server = await nats(`authorization { include "../${path.basename(folder.path)}/users.conf" }`);
    const [a, b] = [new FakeGate('Gate@a'), new FakeGate('Gate@b')];
    await serve(server.url.replace('://', '://nodes:p@'), [a, b]);
    const {states, heard, uids} = watch(await operator(server.url, {user: 'op', password: 'p'}));
    for (const gate of ['Gate@a', 'Gate@b'])
      await until(() => states(gate).at(-1) === 'watching', {what: `${gate} to be watched`});
    await write('"mqant.gate.Gate.a.GatectlWatch"');
    server.signal('SIGHUP');
    const lost = await until(
      () => heard.find((told) => told.type === 'gate' && told.node === 'Gate@a' && told.state === 'silent'),
      {what: 'the loss to be told', timeoutMs: 20_000},
    );
    await until(
      () =>
        heard.some(
          (told) =>
            told.type === 'gate' &&
            told.node === 'Gate@a' &&
            told.message.includes('NATS denies permission to publish'),
        ),
      {
        what: 'the reason',
        timeoutMs: 10_000,
      },
    ).catch(() => expect(lost).toMatchObject({message: expect.stringContaining('NATS denies')}));
    await until(() => states('Gate@b').at(-1) === 'watching', {what: 'the other gate', timeoutMs: 15_000});
    await until(
      () => {
        happens(b, 'still heard');
        return uids().includes('still heard');
      },
      {what: 'the other gate', timeoutMs: 15_000, everyMs: 300},
    );
    expect(states('Gate@a').at(-1)).toBe('silent');
  }, 60_000);
});
