import {connect as connectTls} from 'node:tls';
import {connectAsync} from 'mqtt';
import {describe, expect, test} from 'vitest';
import {UsageError} from '../../../src/base/errors.js';
import {startGate} from '../../../src/gate/node/start-gate.js';
import {FakeBus} from '../../support/fake-bus.js';
import {FakeRegistry} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';
import {selfSigned} from '../../support/self-signed.js';
import {testWith} from '../../support/servers.js';
import {ask, nextMessage, sessionIdOf, startTestGate} from '../../support/test-gate.js';

describe('F08: a client that does not read', () => {
  test('is disconnected when its queue is full, and a broadcast reaches all others', async () => {
    await using it = await startTestGate({limits: {queueBytes: 256 * 1024}});
    const stuck = await it.raw();
    stuck.connect();
    await stuck.packet('connack');
    stuck.socket.pause();
    const reader = await it.client();
    let heard = 0;
    reader.on('message', () => {
      heard += 1;
    });
    const body = Buffer.alloc(64 * 1024, 1);
    let sent = 0;
    await until(
      async () => {
        await it.gate.api.broadcast('/news', body);
        sent += 1;
        await until(() => heard === sent, {what: 'the reader to get it'});
        return (await it.gate.api.count()).sessions === 1;
      },
      {what: 'the stuck client to be cut off', timeoutMs: 60_000}, // the system takes some megabytes first
    );
    expect(it.log.join('\n')).toContain('read too slowly');
  });
});

describe('F05: the keep-alive', () => {
  test('disconnects a silent client after 1.5 keep-alives, with a reason in MQTT 5', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    const started = performance.now();
    raw.connect(5, {keepalive: 1});
    expect((await raw.packet('disconnect')).reasonCode).toBe(0x8d);
    expect(performance.now() - started).toBeGreaterThan(1400);
    await raw.ended();
  });

  test.each([0, 600])('of %i seconds is capped by the gate, with notice in MQTT 5', async (keepalive) => {
    await using it = await startTestGate({limits: {maxKeepAliveSeconds: 1}});
    const raw = await it.raw();
    raw.connect(5, {keepalive});
    expect((await raw.packet('connack')).properties).toMatchObject({serverKeepAlive: 1});
    expect((await raw.packet('disconnect')).reasonCode).toBe(0x8d);
    await raw.ended();
  });

  test('is extended by PINGREQ', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect(4, {keepalive: 2});
    await raw.packet('connack');
    const pings = setInterval(() => raw.send({cmd: 'pingreq'}), 200);
    const started = performance.now();
    await until(() => performance.now() - started > 4000 || raw.isClosed);
    clearInterval(pings);
    expect(raw.isClosed).toBe(false);
    expect(raw.packets.at(-1)?.cmd).toBe('pingresp');
  });
});

describe('admission', () => {
  test('is decided by the embedding program: others get CONNACK "not authorized"', async () => {
    await using it = await startTestGate({
      authenticate: async ({username, password}) =>
        username === 'neo' && Buffer.from(password ?? []).toString() === 'white rabbit',
    });
    const v4 = await it.raw();
    v4.connect(4, {username: 'neo', password: Buffer.from('red queen')});
    expect((await v4.packet('connack')).returnCode).toBe(5);
    await v4.ended();
    const v5 = await it.raw();
    v5.connect(5);
    expect((await v5.packet('connack')).reasonCode).toBe(0x87);
    const client = await it.client({username: 'neo', password: 'white rabbit'});
    expect(await sessionIdOf(client)).toMatch(/^[0-9a-f]{16}$/);
    expect((await it.gate.api.count()).sessions).toBe(1);
  });

  test('queues packets sent with CONNECT until the decision', async () => {
    let decide: ((allowed: boolean) => void) | undefined;
    await using it = await startTestGate({
      authenticate: () =>
        new Promise<boolean>((resolve) => {
          decide = resolve;
        }),
    });
    const raw = await it.raw();
    raw.connect();
    raw.send({cmd: 'pingreq'});
    const answer = await until(() => decide);
    expect(raw.packets).toEqual([]);
    answer(true);
    await raw.packet('pingresp');
    expect(raw.packets.map(({cmd}) => cmd)).toEqual(['connack', 'pingresp']);
  });

  test('refuses clients above the session limit with "server unavailable"', async () => {
    await using it = await startTestGate({limits: {maxSessions: 1}});
    await it.client();
    const raw = await it.raw();
    raw.connect();
    expect((await raw.packet('connack')).returnCode).toBe(3);
    await raw.ended();
  });

  test('tells an MQTT 5 client its assigned id and unsupported features', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect(5, {clientId: '', properties: {sessionExpiryInterval: 60}});
    const {properties} = await raw.packet('connack');
    expect(properties).toMatchObject({
      assignedClientIdentifier: expect.stringMatching(/^auto-[0-9a-f]{16}$/),
      retainAvailable: false,
      sharedSubscriptionAvailable: false,
      sessionExpiryInterval: 0,
    });
  });

  test('disconnects a client above the message rate', async () => {
    await using it = await startTestGate({limits: {messagesPerSecond: 5}});
    const raw = await it.raw();
    raw.connect(5);
    await raw.packet('connack');
    for (let count = 0; count < 8; count += 1)
      raw.send({cmd: 'publish', topic: 'a/b', payload: 'x', qos: 0, dup: false, retain: false}, 5);
    expect((await raw.packet('disconnect')).reasonCode).toBe(0x96);
  });

  test('drops a packet larger than the client accepts, and reports it to the sender', async () => {
    await using it = await startTestGate();
    const raw = await it.raw();
    raw.connect(5, {properties: {maximumPacketSize: 100}});
    await raw.packet('connack');
    const [row] = (await it.gate.api.list({})).rows;
    const id = row?.session.sessionId ?? '';
    await expect(it.gate.api.send(id, '/big', Buffer.alloc(200))).rejects.toThrow('more than the 100 that');
    await it.gate.api.send(id, '/small', Buffer.from('x'));
    expect((await raw.packet('publish')).topic).toBe('/small');
  });
});

describe('hooks', () => {
  test('report connects and disconnects, change and reject pushes, and replace routing', async () => {
    const heard: string[] = [];
    await using it = await startTestGate({
      onConnected: ({serverId}) => heard.push(`connected ${serverId}`),
      onDisconnected: (_, why) => heard.push(why),
      beforeSend: (_, topic, body) => {
        if (topic === '/veto') throw new Error('not today');
        return Buffer.from(Buffer.from(body).toString().toUpperCase());
      },
      route: async (session, topic) => Buffer.from(`${session.network} ${topic}`),
    });
    const client = await it.client();
    const answer = nextMessage(client, 'any/thing');
    client.publish('any/thing', 'x');
    expect((await answer).toString()).toBe('TCP ANY/THING');
    const [row] = (await it.gate.api.list({})).rows;
    await expect(it.gate.api.send(row?.session.sessionId ?? '', '/veto', Buffer.of())).rejects.toThrow(
      'not today',
    );
    await client.endAsync();
    await until(() => heard.length === 2);
    expect(heard).toEqual(['connected Gate@g1', 'the client disconnected']);
  });
});

describe('F12: a gate with a certificate', () => {
  testWith('openssl')('serves TLS on both ports, and rejects plain text', async () => {
    const {cert, key} = await selfSigned();
    const tls = {cert, key};
    const listener = {host: '127.0.0.1', port: 0, tls};
    await using it = await startTestGate({tcp: listener, ws: listener});
    for (const url of [`mqtts://127.0.0.1:${it.gate.tcpPort}`, `wss://127.0.0.1:${it.gate.wsPort}/mqtt`]) {
      const client = await connectAsync(url, {ca: cert, reconnectPeriod: 0, rejectUnauthorized: true});
      expect((await ask(client, 'HelloWorld/HD_say/1', '{"name":"tls"}')).Error).toBe('');
      await client.endAsync();
    }
    const raw = await it.raw();
    raw.connect();
    await raw.ended();
    expect(raw.packets).toEqual([]);
    const old = connectTls({
      port: it.gate.tcpPort ?? 0,
      host: '127.0.0.1',
      ca: cert,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
    });
    await new Promise((resolve) => old.once('error', resolve));
  });

  test('does not start with an invalid certificate, and leaves no registration', async () => {
    const registry = new FakeRegistry();
    const tcp = {host: '127.0.0.1', port: 0, tls: {cert: 'no', key: 'no'}};
    await expect(startGate({bus: new FakeBus(), registry, tcp})).rejects.toThrow(UsageError);
    expect(await registry.nodes('Gate')).toEqual([]);
  });

  test('names a port in use', async () => {
    await using it = await startTestGate();
    const port = it.gate.tcpPort ?? 0;
    const again = startGate({
      bus: new FakeBus(),
      registry: new FakeRegistry(),
      tcp: {host: '127.0.0.1', port},
    });
    await expect(again).rejects.toThrow(`cannot listen on tcp 127.0.0.1:${port}: EADDRINUSE`);
  });
});

describe('a stopping gate', () => {
  test('leaves the registry, finishes a request and informs MQTT 5 clients', async () => {
    let release = () => {};
    const held = new Promise<string>((resolve) => {
      release = () => resolve('done');
    });
    await using it = await startTestGate({handlers: {HD_wait: () => held}});
    const client = await it.client();
    const watcher = await it.raw();
    watcher.connect(5);
    await watcher.packet('connack');
    const answer = ask(client, 'HelloWorld/HD_wait/1', '{}');
    await until(async () => (await it.gate.api.list({})).rows.some(({received}) => received === 1));
    const stopping = it.gate.stop({drainMs: 5000});
    await until(async () => (await it.registry.nodes('Gate')).length === 0);
    release();
    expect((await answer).Result).toBe('done');
    await stopping;
    expect((await watcher.packet('disconnect')).reasonCode).toBe(0x8b);
    expect((await it.gate.api.count()).sessions).toBe(0);
  });
});
