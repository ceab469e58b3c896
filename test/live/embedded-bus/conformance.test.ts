import {connect as connectTcp, type Socket} from 'node:net';
import fc from 'fast-check';
import {connect, Empty, headers, type NatsConnection} from 'nats';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {startEmbedded, startNats, type TestBus} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {findProgram} from '../../support/servers.js';
import {runs} from '../../support/tiers.js';

/** The embedded bus and, where there is one, the real server: what holds for one must hold for the other. */
const servers: [string, () => Promise<TestBus>][] = [['the embedded bus', startEmbedded]];
if (findProgram('nats-server') !== undefined || process.env['CI'])
  servers.unshift(['nats-server', startNats]);

describe.each(servers)('core NATS on %s', (_name, start) => {
  let server: TestBus;
  const connections: NatsConnection[] = [];

  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await server[Symbol.asyncDispose]();
  });

  async function client(options: object = {}): Promise<NatsConnection> {
    const connection = await connect({servers: `127.0.0.1:${server.port}`, reconnect: false, ...options});
    connections.push(connection);
    return connection;
  }

  /** Subjects and bodies that a subscription has received so far. */
  async function listen(
    connection: NatsConnection,
    subject: string,
    options: object = {},
  ): Promise<string[]> {
    const seen: string[] = [];
    connection.subscribe(subject, {
      ...options,
      callback: (_error, message) => seen.push(`${message.subject} ${message.string()}`),
    });
    await connection.flush();
    return seen;
  }

  test('matches wildcards exactly', async () => {
    const [sub, pub] = [await client(), await client()];
    const exact = await listen(sub, 'w.a.b');
    const star = await listen(sub, 'w.*.b');
    const rest = await listen(sub, 'w.>');
    const starLast = await listen(sub, 'w.a.*');
    for (const subject of ['w.a.b', 'w.x.b', 'w.a', 'w.a.b.c', 'w', 'wx.a.b']) pub.publish(subject, 'm');
    await pub.flush();
    await sub.flush();
    expect(exact).toEqual(['w.a.b m']);
    expect(star).toEqual(['w.a.b m', 'w.x.b m']);
    expect(rest).toEqual(['w.a.b m', 'w.x.b m', 'w.a m', 'w.a.b.c m']);
    expect(starLast).toEqual(['w.a.b m']);
  });

  test('keeps order, and delivers every message once per subscription', async () => {
    const [sub, pub] = [await client(), await client()];
    const [one, two] = [await listen(sub, 'order'), await listen(sub, 'order')];
    const sent = Array.from({length: 5000}, (_, at) => `order ${at}`);
    for (const line of sent) pub.publish('order', line.slice('order '.length));
    await pub.flush();
    await until(() => one.length + two.length >= 10_000, {what: 'all messages'});
    expect(one).toEqual(sent);
    expect(two).toEqual(sent);
  });

  test('delivers each message to one member of a queue group', async () => {
    const [a, b, pub] = [await client(), await client(), await client()];
    const groups = [await listen(a, 'q', {queue: 'g'}), await listen(b, 'q', {queue: 'g'})];
    const alone = await listen(a, 'q');
    for (let at = 0; at < 200; at += 1) pub.publish('q', String(at));
    await pub.flush();
    await until(() => alone.length === 200 && groups.flat().length >= 200);
    expect(new Set(groups.flat()).size).toBe(200);
    expect(groups.flat()).toHaveLength(200);
    for (const group of groups) expect(group.length).toBeGreaterThan(40);
  });

  test('passes headers, a reply subject and binary bodies', async () => {
    const [service, asker] = [await client(), await client()];
    const every = Uint8Array.from({length: 256}, (_, at) => at);
    service.subscribe('svc', {
      callback: (_error, message) => {
        const reply = headers();
        reply.set('Seen', message.headers?.get('Trace') ?? '');
        message.respond(message.data, {headers: reply});
      },
    });
    await service.flush();
    const question = headers();
    question.set('Trace', 'abc');
    const answer = await asker.request('svc', every, {timeout: 20_000, headers: question});
    expect(Buffer.from(answer.data)).toEqual(Buffer.from(every));
    expect(answer.headers?.get('Seen')).toBe('abc');
    const empty = await asker.request('svc', Empty, {timeout: 20_000});
    expect(empty.data).toHaveLength(0);
  });

  test('reports a request without responders at once', async () => {
    const asker = await client();
    const started = performance.now();
    await expect(asker.request('nobody.there', Empty, {timeout: 30_000})).rejects.toMatchObject({
      code: '503',
    });
    expect(performance.now() - started).toBeLessThan(15_000); // half of its timeout
  });

  test('ends a subscription after three messages', async () => {
    const [sub, pub] = [await client(), await client()];
    const three = await listen(sub, 'max', {max: 3});
    const after = await listen(sub, 'max');
    for (let at = 0; at < 6; at += 1) pub.publish('max', String(at));
    await pub.flush();
    await until(() => after.length === 6);
    expect(three).toEqual(['max 0', 'max 1', 'max 2']);
  });

  test('delivers nothing after unsubscribing', async () => {
    const [sub, pub] = [await client(), await client()];
    const seen: string[] = [];
    const subscription = sub.subscribe('gone', {callback: (_error, message) => seen.push(message.string())});
    const marker = await listen(sub, 'gone');
    subscription.unsubscribe();
    await sub.flush();
    pub.publish('gone', 'x');
    await until(() => marker.length === 1);
    expect(seen).toEqual([]);
  });

  test('does not echo to a client that disabled echo', async () => {
    const self = await client({noEcho: true});
    const other = await client();
    const [own, theirs] = [await listen(self, 'echo'), await listen(other, 'echo')];
    self.publish('echo', 'x');
    await until(() => theirs.length === 1);
    await self.flush();
    expect(own).toEqual([]);
  });

  test('passes a body of max_payload; one byte more disconnects its sender only', async () => {
    const [sub, pub] = [await client(), await client()];
    const sizes: number[] = [];
    sub.subscribe('big', {callback: (_error, message) => sizes.push(message.data.length)});
    await sub.flush();
    const max = pub.info?.max_payload ?? 0;
    expect(max).toBe(1024 * 1024);
    pub.publish('big', new Uint8Array(max));
    await until(() => sizes.length === 1);
    expect(sizes).toEqual([max]);
    const raw = await rawClient(server.port);
    raw.socket.write(`CONNECT {"verbose":false}\r\nPUB big ${max + 1}\r\n`);
    await until(() => raw.closed());
    expect(raw.text()).toContain("-ERR 'Maximum Payload Violation'");
    await sub.flush();
  });

  test.each([
    ['no command of the protocol', 'NONSENSE\r\n'],
    ['a publish without arguments', 'PUB\r\n'],
    ['a line without end', `PUB ${'a'.repeat(5000)}`],
  ])('%s: sends -ERR and closes', async (_what, bytes) => {
    const raw = await rawClient(server.port);
    raw.socket.write(`CONNECT {"verbose":false}\r\n${bytes}`);
    await until(() => raw.closed());
    expect(raw.text()).toContain("-ERR '");
  });

  test('disconnects a client for an invalid size', async () => {
    const raw = await rawClient(server.port);
    raw.socket.write('CONNECT {"verbose":false}\r\nPUB a x\r\n');
    await until(() => raw.closed());
  });

  test('answers PING, in one piece or byte by byte', async () => {
    const raw = await rawClient(server.port);
    raw.socket.write('CONNECT {"verbose":false}\r\nPING\r\n');
    await until(() => raw.text().includes('PONG'));
    for (const byte of 'SUB cut 1\r\nPUB cut 5\r\nhello\r\n') {
      raw.socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => raw.text().includes('MSG cut 1 5\r\nhello\r\n'));
    raw.socket.destroy();
  });

  test('random bytes disconnect their sender only', async () => {
    const [sub, pub] = [await client(), await client()];
    const seen = await listen(sub, 'still.here');
    const piece = fc.oneof(
      fc.uint8Array({maxLength: 60}),
      fc
        .constantFrom(
          'PUB a 3\r\nabc\r\n',
          'SUB > 1\r\n',
          'HPUB a 5 3\r\n',
          'UNSUB 9\r\n',
          'CONNECT {\r\n',
          '\r\n',
          'PUB a 99999999999\r\n',
        )
        .map((text) => Uint8Array.from(Buffer.from(text))),
    );
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(piece, {minLength: 1, maxLength: 6}), async (pieces) => {
        const raw = await rawClient(server.port);
        for (const bytes of pieces) raw.socket.write(bytes);
        raw.socket.end();
        await until(() => raw.closed());
        sent += 1;
        pub.publish('still.here', String(sent));
        await pub.flush();
        await until(() => seen.includes(`still.here ${sent}`));
      }),
      {numRuns: runs(100)},
    );
  });
});

async function rawClient(port: number) {
  const socket: Socket = connectTcp(port, '127.0.0.1');
  let text = '';
  let isClosed = false;
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    isClosed = true;
  });
  await until(() => text.includes('INFO '), {what: 'the greeting'});
  return {socket, text: () => text, closed: () => isClosed};
}
