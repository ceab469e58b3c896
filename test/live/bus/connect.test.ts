import {once} from 'node:events';
import {writeFile} from 'node:fs/promises';
import {type AddressInfo, createServer} from 'node:net';
import path from 'node:path';
import {setImmediate as afterTurn} from 'node:timers/promises';
import {nkeys} from 'nats';
import {describe, expect, test} from 'vitest';
import {PermissionError, UnreachableError, UsageError} from '../../../src/base/errors.js';
import type {Bus} from '../../../src/bus/bus.js';
import type {BusOptions} from '../../../src/bus/connect/bus-options.js';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {isStopped} from '../../support/proc.js';
import {selfSigned} from '../../support/self-signed.js';
import {describeWith, freePort, testWith} from '../../support/servers.js';
import {temporaryFolder} from '../../support/temp.js';

const secret = 's3cret-canary';

/** Connects, has the server take and give back one message, and closes. */
async function roundTrip(options: Partial<BusOptions> & {readonly server: string}): Promise<void> {
  const bus = await connectBus({timeoutMs: 10_000, reconnect: false, ...options});
  try {
    await echo(bus);
  } finally {
    await bus.close();
  }
}

async function echo(bus: Bus): Promise<void> {
  const inbox = bus.newInbox();
  const received = new Promise<string>((resolve) => {
    bus.subscribe(inbox, ({data}) => resolve(Buffer.from(data).toString()));
  });
  bus.publish(inbox, Buffer.from('there and back'));
  expect(await received).toBe('there and back');
}

async function failureOf(options: Partial<BusOptions> & {readonly server: string}): Promise<Error> {
  const error: unknown = await roundTrip(options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).not.toContain(secret);
  return error as Error;
}

const withUser = (url: string, userinfo: string): string => url.replace('://', `://${userinfo}@`);

describeWith('nats-server')('connecting to a real nats-server', () => {
  test('C01, C02: signs in with user and password, by options and in the URL', async () => {
    await using nats = await startNats(`authorization { user: op, password: "${secret}" }`);
    await roundTrip({server: nats.url, user: 'op', password: secret});
    await roundTrip({server: withUser(nats.url, `op:${secret}`)});
    for (const wrong of [
      {server: nats.url},
      {server: nats.url, user: 'op', password: `not-${secret}`},
      {server: withUser(nats.url, `op:not-${secret}`)},
    ]) {
      expect(await failureOf(wrong)).toBeInstanceOf(PermissionError);
    }
  });

  test('flushes earlier messages when closing, with and without replies', async () => {
    await using nats = await startNats();
    const other = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: false});
    const heard: string[] = [];
    other.subscribe('told', ({data}) => void heard.push(Buffer.from(data).toString()));
    other.subscribe('asked', ({reply}) => other.publish(reply ?? '', Buffer.from('yes')));
    await other.flush();
    for (const round of [1, 2, 3, 4, 5]) {
      const bus = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: false});
      const inbox = bus.newInbox();
      const answered = new Promise<void>((resolve) => {
        bus.subscribe(inbox, () => resolve());
      });
      bus.publish('asked', Buffer.from('?'), inbox);
      await answered;
      if (round > 1) bus.publish('told', Buffer.from(String(round)));
      const statuses: string[] = [];
      bus.onStatus((status) => void statuses.push(status));
      await bus.close();
      expect(statuses).toContain('closed');
      expect(() => bus.publish('told', Buffer.from('late'))).toThrow(UnreachableError);
    }
    await other.flush();
    await until(() => heard.length === 4, {what: 'all that was said'});
    expect(heard).toEqual(['2', '3', '4', '5']);
    await other.close();
  });

  test.each([true, false])(
    'sends or refuses messages during closing (reconnecting: %s)',
    async (reconnect) => {
      await using nats = await startNats();
      const other = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: false});
      let heard = 0;
      other.subscribe('told', () => {
        heard += 1;
      });
      await other.flush();
      const bus = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect});
      bus.subscribe('some', () => {});
      const closing = bus.close().then(() => 'closed');
      let said = 0;
      while ((await Promise.race([closing, afterTurn()])) !== 'closed')
        if (bus.connected) {
          bus.publish('told', Buffer.from('?'));
          said += 1;
        } else expect(() => bus.publish('told', Buffer.from('?'))).toThrow(UnreachableError);
      await other.flush();
      await until(() => heard === said, {what: 'all that was said'});
      await other.close();
    },
  );

  test('C02: accepts a password that a URL must escape', async () => {
    await using nats = await startNats('authorization { user: "o p", password: "a@b:c/%" }');
    await roundTrip({server: withUser(nats.url, 'o%20p:a%40b%3Ac%2F%25')});
    expect(await failureOf({server: withUser(nats.url, 'op:100%')})).toBeInstanceOf(UsageError);
  });

  test('C01: signs in with a token, by option and in the URL', async () => {
    await using nats = await startNats(`authorization { token: "${secret}" }`);
    await roundTrip({server: nats.url, token: secret});
    await roundTrip({server: withUser(nats.url, secret)});
    expect(await failureOf({server: nats.url, token: `not-${secret}`})).toBeInstanceOf(PermissionError);
  });

  test('C01: signs in with an nkey', async () => {
    await using folder = await temporaryFolder();
    const pair = nkeys.createUser();
    const seed = path.join(folder.path, 'user.nk');
    await writeFile(seed, `${Buffer.from(pair.getSeed()).toString()}\n`);
    await using nats = await startNats(`authorization { users: [{nkey: ${pair.getPublicKey()}}] }`);
    await roundTrip({server: nats.url, nkey: seed});
    const other = path.join(folder.path, 'other.nk');
    await writeFile(other, Buffer.from(nkeys.createUser().getSeed()));
    expect(await failureOf({server: nats.url, nkey: other})).toBeInstanceOf(PermissionError);
    await writeFile(other, secret);
    expect(await failureOf({server: nats.url, nkey: other})).toBeInstanceOf(UsageError);
    expect(await failureOf({server: nats.url, nkey: '/nonexistent.nk'})).toBeInstanceOf(UsageError);
  });

  testWith('openssl')('C18: uses TLS, and rejects a server with an untrusted certificate', async () => {
    await using folder = await temporaryFolder();
    const pair = await selfSigned();
    const [cert, key] = [path.join(folder.path, 'cert.pem'), path.join(folder.path, 'key.pem')];
    await writeFile(cert, pair.cert);
    await writeFile(key, pair.key);
    await using nats = await startNats(`tls { cert_file: "${cert}", key_file: "${key}" }`);
    const server = `tls://127.0.0.1:${nats.port}`;
    await roundTrip({server, tls: {ca: cert}});
    expect(await failureOf({server})).toBeInstanceOf(UnreachableError);
    expect(await failureOf({server, tls: {ca: '/nonexistent.pem'}})).toBeInstanceOf(UsageError);
  });

  test('skips a first server that is down', async () => {
    await using nats = await startNats();
    await roundTrip({server: `nats://127.0.0.1:${await freePort()},${nats.url}`});
  });

  test('reports denied publishes and subscriptions', async () => {
    const users =
      '[{user: viewer, password: p, permissions: {publish: ["_INBOX.>"], subscribe: ["_INBOX.>"]}}]';
    await using nats = await startNats(`authorization { users: ${users} }`);
    const bus = await connectBus({
      server: withUser(nats.url, 'viewer:p'),
      timeoutMs: 10_000,
      reconnect: false,
    });
    const denied: string[] = [];
    bus.onDenied(({operation, subject}) => denied.push(`${operation} ${subject}`));
    bus.publish('mqant.gate.Gate.a.Close', new Uint8Array(0));
    let toldOfSubscription = false;
    bus.subscribe('secret', () => {}, {
      onDenied: () => {
        toldOfSubscription = true;
      },
    });
    await until(() => denied.length > 0 && toldOfSubscription, {what: 'both denials'});
    expect(denied).toContain('publish mqant.gate.Gate.a.Close');
    await echo(bus);
    await bus.close();
  });

  test("C19: rejects a body above the server's max_payload before sending it", async () => {
    await using nats = await startNats('max_payload: 1024');
    const bus = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: false});
    expect(bus.maxPayloadBytes).toBe(1024);
    expect(() => bus.publish('a', new Uint8Array(1025))).toThrow(UsageError);
    await echo(bus);
    await bus.close();
  });

  test('reports a lost or closing connection to new subscriptions and calls', async () => {
    await using nats = await startNats();
    const bus = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: true});
    nats.signal('SIGSTOP');
    await until(() => isStopped(nats.pid), {what: 'the server to stop'});
    const flushed = bus.flush().catch((error: unknown) => error);
    nats.signal('SIGKILL');
    expect(await flushed).toBeInstanceOf(UnreachableError);
    await nats.restart();
    await until(() => bus.connected, {what: 'the reconnect'});
    const closing = bus.close();
    expect(() => bus.subscribe('some', () => {})).toThrow(UnreachableError);
    await closing;
    expect(() => bus.subscribe('some', () => {})).toThrow(UnreachableError);
    await expect(bus.flush()).rejects.toBeInstanceOf(UnreachableError);
  });

  test('reconnects a long-running connection after a server restart', async () => {
    await using nats = await startNats();
    const bus = await connectBus({server: nats.url, timeoutMs: 10_000, reconnect: true});
    const seen: string[] = [];
    bus.onStatus((status) => seen.push(status));
    await nats.restart();
    await until(() => seen.includes('reconnected'), {what: 'the reconnect'});
    expect(seen[0]).toBe('disconnected');
    await echo(bus);
    await bus.close();
  });
});

describe('without a server', () => {
  test('fails at once when the connection is refused', async () => {
    const started = performance.now();
    const error = await failureOf({server: `nats://127.0.0.1:${await freePort()}`, timeoutMs: 30_000});
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain('connection refused');
    expect(performance.now() - started).toBeLessThan(15_000); // half of its timeout
  });

  test('fails at the deadline when the server never speaks', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const {port} = silent.address() as AddressInfo;
    const error = await failureOf({server: `nats://op:${secret}@127.0.0.1:${port}`, timeoutMs: 300});
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain('no answer within 300 ms');
    silent.close();
  });

  test('fails when the server speaks another protocol', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(web, 'listening');
    const {port} = web.address() as AddressInfo;
    expect(await failureOf({server: `nats://127.0.0.1:${port}`, timeoutMs: 500})).toBeInstanceOf(
      UnreachableError,
    );
    web.close();
  });

  test.each(['', 'http://127.0.0.1', 'nats://[::1', `nats://op:${secret}@:bad:port`])(
    'rejects "%s" as a URL',
    async (server) => {
      expect(await failureOf({server})).toBeInstanceOf(UsageError);
    },
  );
});
