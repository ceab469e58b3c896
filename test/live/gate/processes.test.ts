import {connect} from 'node:net';
import {afterEach, expect, test} from 'vitest';
import {GateProcess} from '../../support/gate-process.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {spawnGatectl} from '../../support/run-cli.js';
import {describeWith, type TestServer} from '../../support/servers.js';
import {RawClient} from '../../support/test-gate.js';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

/** Gates `Gate@many-1` and `Gate@many-2` on one port, both serving. */
async function twoProcesses(): Promise<{nats: TestServer; parent: GateProcess; port: number}> {
  const nats = await startNats();
  open.push(nats);
  const parent = await GateProcess.start('many', nats.url, '--processes', '2');
  open.push(parent);
  await until(() => parent.ready.length === 2, {what: 'both to serve'});
  return {nats, parent, port: Number(new URL(parent.tcp).port)};
}

interface Row {
  readonly id: string;
  readonly gate: string;
}

async function listed(url: string): Promise<readonly Row[]> {
  const argv = ['sessions', 'list', '-o', 'jsonl', '--server', url, '--timeout', '20s'];
  const {code, out, err} = await spawnGatectl(argv);
  expect({code, err}).toEqual({code: 0, err: ''});
  const lines = out.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Row).filter(({id}) => id !== undefined);
}

const gatesOf = (rows: readonly Row[]): readonly string[] => [...new Set(rows.map(({gate}) => gate))].sort();

/** Connects clients, some at once, until both gates have some: who accepts is the system's choice. */
async function clientsOnBoth(url: string, port: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  await until(
    async () => {
      const some = await Promise.all(Array.from({length: 50}, () => RawClient.connect(port)));
      for (const client of some) {
        client.connect(5);
        clients.push(client);
        open.push({[Symbol.asyncDispose]: async () => client.destroy()});
      }
      await Promise.all(some.map((client) => client.packet('connack')));
      return gatesOf(await listed(url)).length === 2;
    },
    {what: 'clients on both gates', timeoutMs: 30_000},
  );
  return clients;
}

const refusesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(false));
    socket.once('error', () => resolve(true)).once('connect', () => socket.destroy());
  });

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describeWith('nats-server')('gate run --processes 2', () => {
  const timeout = 90_000;

  test(
    'runs two gates on one port, and lists each client once',
    async () => {
      const {nats, parent, port} = await twoProcesses();
      expect(parent.ready.map(({nodeId}) => nodeId)).toEqual(['Gate@many-1', 'Gate@many-2']);
      expect(parent.ready.map(({tcpPort}) => tcpPort)).toEqual([port, port]);
      const clients = await clientsOnBoth(nats.url, port);
      const rows = await listed(nats.url);
      expect(gatesOf(rows)).toEqual(['Gate@many-1', 'Gate@many-2']);
      expect(new Set(rows.map(({id}) => id)).size).toBe(clients.length);
      expect(rows.length).toBe(clients.length);
    },
    timeout,
  );

  test(
    'kill -9 of one: clients of the other stay, and it restarts under its id',
    async () => {
      const {nats, parent, port} = await twoProcesses();
      const clients = await clientsOnBoth(nats.url, port);
      const before = await listed(nats.url);
      const [killed, other] = parent.ready;
      process.kill(killed?.pid ?? 0, 'SIGKILL');
      await until(() => parent.ready.length === 3, {what: 'a third start'});
      const again = parent.ready[2];
      expect(again).toMatchObject({nodeId: killed?.nodeId, tcpPort: port});
      expect(again?.pid).not.toBe(killed?.pid);
      await until(() => parent.said().includes('gate many-1 exited (SIGKILL), restarting in 0.2 s\n'));
      const survivors = before.filter(({gate}) => gate === other?.nodeId);
      await until(() => clients.filter(({isClosed}) => !isClosed).length === survivors.length);
      expect(new Set((await listed(nats.url)).map(({id}) => id))).toEqual(
        new Set(survivors.map(({id}) => id)),
      );
      await clientsOnBoth(nats.url, port);
      process.kill(again?.pid ?? 0, 'SIGKILL');
      await until(() => parent.ready.length === 4, {what: 'a fourth start'});
      await until(() => parent.said().includes('gate many-1 exited (SIGKILL), restarting in 0.4 s\n'));
    },
    timeout,
  );

  test(
    'SIGTERM: informs every client, ends all processes with exit 0, frees the port',
    async () => {
      const {nats, parent, port} = await twoProcesses();
      const clients = await clientsOnBoth(nats.url, port);
      const pids = parent.ready.map(({pid}) => pid);
      parent.signal('SIGTERM');
      expect(await parent.ended()).toBe(0);
      for (const client of clients) {
        await client.ended();
        const told = client.packets.at(-1);
        expect(told?.cmd === 'disconnect' && told.reasonCode).toBe(0x8b);
      }
      expect(pids.map(isAlive)).toEqual([false, false]);
      expect(await refusesConnections(port)).toBe(true);
      expect((await spawnGatectl(['gates', 'list', '-o', 'ids', '--server', nats.url])).out).toBe('');
    },
    timeout,
  );

  test(
    'kill -9 of the parent: gates stop gracefully, and the port is free',
    async () => {
      const {nats, parent, port} = await twoProcesses();
      const clients = await clientsOnBoth(nats.url, port);
      const pids = parent.ready.map(({pid}) => pid);
      parent.signal('SIGKILL');
      for (const client of clients) {
        await client.ended();
        expect(client.packets.at(-1)?.cmd).toBe('disconnect');
      }
      await until(() => !pids.some(isAlive), {what: 'both to end'});
      expect(await refusesConnections(port)).toBe(true);
    },
    timeout,
  );

  test(
    'reports a port in use once',
    async () => {
      await using nats = await startNats();
      const port = Number(new URL(nats.url).port);
      const argv = [
        'gate',
        'run',
        '--processes',
        '2',
        '--tcp',
        String(port),
        '--server',
        nats.url,
        '--timeout',
        '20s',
      ];
      const {code, err} = await spawnGatectl(argv);
      expect(code).toBe(2);
      expect(err.match(/error: /g)).toHaveLength(1);
      expect(err).toContain(`error: cannot listen on tcp 127.0.0.1:${port}: EADDRINUSE`);
    },
    timeout,
  );
});
