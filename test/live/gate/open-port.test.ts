import {createHook} from 'node:async_hooks';
import {mkdtempSync, readFileSync} from 'node:fs';
import {request} from 'node:http';
import {connect as connectTcp} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {connect as connectTls, type TLSSocket} from 'node:tls';
import {connectAsync, type IClientOptions} from 'mqtt';
import {generate, parser} from 'mqtt-packet';
import {beforeAll, describe, expect, test} from 'vitest';
import type {ListenerTls} from '../../../src/gate/listen/listener-options.js';
import {startGate} from '../../../src/gate/node/start-gate.js';
import {Authority} from '../../support/certificates.js';
import {FakeBus} from '../../support/fake-bus.js';
import {FakeRegistry} from '../../support/fake-registry.js';
import {until} from '../../support/poll.js';
import {testWith} from '../../support/servers.js';
import {ask, startTestGate, type TestGate} from '../../support/test-gate.js';

const loopback = {host: '127.0.0.1', port: 0};
const connectPacket = generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'raw',
  clean: true,
});

const onlyAddress = async ({gate}: TestGate): Promise<string | undefined> =>
  (await gate.api.list({})).rows[0]?.session.ip;

/** Sends bytes, and resolves with whether a CONNACK came back before the connection was closed. */
function connects(port: number, ...pieces: readonly Uint8Array[]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    const packets = parser().on('packet', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('data', (bytes) => packets.parse(bytes as Buffer));
    socket.on('error', () => {});
    socket.on('close', () => resolve(false));
    for (const piece of pieces) socket.write(piece);
  });
}

describe('the address of a client', () => {
  test.each([
    ['X-Forwarded-For', {'x-forwarded-for': '1.1.1.1, 9.9.9.9'}, '9.9.9.9'],
    ['Forwarded', {forwarded: 'for=1.1.1.1, for="[2001:db8::1]:44"'}, '2001:db8::1'],
  ])('is taken from %s of a trusted proxy', async (_, headers, address) => {
    await using it = await startTestGate({trustedProxies: ['127.0.0.0/8']});
    await it.client({ws: true, wsOptions: {headers}});
    expect(await onlyAddress(it)).toBe(address);
  });

  test('is its own without a trusted proxy, whatever its headers say', async () => {
    await using it = await startTestGate();
    await it.client({
      ws: true,
      wsOptions: {headers: {'x-forwarded-for': '9.9.9.9', forwarded: 'for=9.9.9.9'}},
    });
    expect(await onlyAddress(it)).toBe('127.0.0.1');
  });

  const v1 = Buffer.from('PROXY TCP4 9.9.9.9 127.0.0.1 5000 443\r\n');
  const v2 = Buffer.concat([Buffer.from('0d0a0d0a000d0a515549540a2111000c090909097f000001138801bb', 'hex')]);

  test.each([
    ['version 1', v1],
    ['version 2', v2],
  ])('is taken from the PROXY header, %s, in one piece and in many', async (_, header) => {
    const tcp = {...loopback, proxyProtocol: true};
    await using it = await startTestGate({tcp, trustedProxies: ['127.0.0.1']});
    for (const pieces of [
      [Buffer.concat([header, connectPacket])],
      [...header].map((byte) => Buffer.of(byte)),
    ]) {
      const socket = connectTcp(it.gate.tcpPort ?? 0, '127.0.0.1').setNoDelay(true);
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (pieces.length > 1) socket.write(connectPacket);
      expect(await until(() => onlyAddress(it))).toBe('9.9.9.9:5000');
      socket.destroy();
      await until(async () => (await it.gate.api.count()).sessions === 0);
    }
  });

  test('is taken from the PROXY header on a WebSocket listener', async () => {
    const ws = {...loopback, proxyProtocol: true};
    await using it = await startTestGate({ws, trustedProxies: ['127.0.0.1']});
    const status = await new Promise((resolve, reject) => {
      const socket = connectTcp(it.gate.wsPort ?? 0, '127.0.0.1');
      socket.write(v1);
      const upgrade = {connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13'};
      const headers = {
        ...upgrade,
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        'sec-websocket-protocol': 'mqtt',
      };
      const asked = request({createConnection: () => socket, headers});
      asked.on('upgrade', (response, stream) => {
        stream.write(
          Buffer.concat([Buffer.of(0x82, 0x80 | connectPacket.length, 0, 0, 0, 0), connectPacket]),
        );
        resolve(response.statusCode);
      });
      asked.on('error', reject).end();
    });
    expect(status).toBe(101);
    expect(await until(() => onlyAddress(it))).toBe('9.9.9.9');
  });

  test("is the proxy's own for a health check", async () => {
    const tcp = {...loopback, proxyProtocol: true};
    await using it = await startTestGate({tcp, trustedProxies: ['127.0.0.1']});
    const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
    expect(await connects(it.gate.tcpPort ?? 0, local, connectPacket)).toBe(true);
  });

  test.each([
    ['with an IPv6 zone', 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n'],
    ['of a megabyte', `PROXY TCP4 ${'1'.repeat(1024 * 1024)}\r\n`],
    ['of version 2 and 64 KB', `\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff${'x'.repeat(65_535)}`],
  ])('is refused in a header %s, and the gate goes on', async (_, header) => {
    const tcp = {...loopback, proxyProtocol: true};
    await using it = await startTestGate({tcp, trustedProxies: ['127.0.0.1']});
    const raw = await it.raw();
    raw.send(Buffer.from(header, 'latin1'));
    await raw.ended();
    const next = await it.raw();
    const text = 'PROXY TCP4 9.8.7.6 1.2.3.4 5 6\r\n';
    for (const byte of text) {
      next.send(Buffer.from(byte));
      await new Promise(setImmediate);
    }
    next.connect();
    await next.packet('connack');
    expect((await it.gate.api.list({})).rows[0]?.session.ip).toBe('9.8.7.6:5');
  });

  test('is required: connections without a PROXY header from a trusted proxy are closed', async () => {
    const tcp = {...loopback, proxyProtocol: true};
    await using it = await startTestGate({tcp, trustedProxies: ['127.0.0.1']});
    expect(await connects(it.gate.tcpPort ?? 0, connectPacket)).toBe(false);
    await using other = await startTestGate({tcp, trustedProxies: ['10.0.0.0/8']});
    expect(await connects(other.gate.tcpPort ?? 0, v1, connectPacket)).toBe(false);
    await until(() => other.log.some((line) => line.includes('untrusted proxy')));
  });

  test('requires trusted proxies for the PROXY protocol', async () => {
    const options = {
      bus: new FakeBus(),
      registry: new FakeRegistry(),
      tcp: {...loopback, proxyProtocol: true},
    };
    await expect(startGate(options)).rejects.toThrow('proxyProtocol requires trustedProxies');
  });
});

describe('limits of an address', () => {
  test('close and count excess connections, and leave others alone', async () => {
    await using it = await startTestGate({limits: {connectionsPerAddress: 3}});
    const [first] = [await it.client(), await it.client(), await it.client()];
    expect(await connects(it.gate.tcpPort ?? 0, connectPacket)).toBe(false);
    expect(await it.gate.api.stats()).toMatchObject({sessions: 3, refused: 1});
    await first.endAsync();
    await until(() => connects(it.gate.tcpPort ?? 0, connectPacket));
    await until(() => it.log.some((line) => /closed: \d+ × address limit/.test(line)));
  });

  test('count clients behind a proxy by their own address', async () => {
    await using it = await startTestGate({limits: {connectionsPerAddress: 2}, trustedProxies: ['127.0.0.1']});
    const from = (address: string) => ({ws: true, wsOptions: {headers: {'x-forwarded-for': address}}});
    for (const address of ['9.9.9.9', '9.9.9.9', '9.9.9.8']) await it.client(from(address));
    const refused = connectAsync(`ws://127.0.0.1:${it.gate.wsPort}/mqtt`, from('9.9.9.9'), false);
    await expect(refused).rejects.toThrow();
    await it.client(from('9.9.9.8'));
    expect((await it.gate.api.count()).sessions).toBe(4);
  });
});

describe('certificates', () => {
  let authority: Authority;
  let tls: ListenerTls;
  const issued = async (name: string, san = 'IP:127.0.0.1') => {
    const {cert, key} = await authority.issue(name, san);
    return {cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8')};
  };

  beforeAll(async () => {
    authority = await Authority.create(mkdtempSync(path.join(tmpdir(), 'gatectl-certificates-')));
    tls = await issued('server');
  });

  const clientsOf = (it: TestGate, options: IClientOptions) =>
    [`mqtts://127.0.0.1:${it.gate.tcpPort}`, `wss://127.0.0.1:${it.gate.wsPort}/mqtt`].map(
      (url) => () =>
        connectAsync(url, {
          ca: readFileSync(authority.cert),
          reconnectPeriod: 0,
          connectTimeout: 3_000,
          ...options,
        }),
    );

  testWith('openssl')('of clients are required if the gate demands them', async () => {
    const ca = readFileSync(authority.cert, 'utf8');
    const listener = {...loopback, tls: {...tls, ca, requireCertificate: true}};
    const seen: unknown[] = [];
    await using it = await startTestGate({
      tcp: listener,
      ws: listener,
      authenticate: ({certificate}) => seen.push(certificate?.commonName, certificate?.subject) > 0,
    });
    const isRefused = (port: number | undefined, pair: object): Promise<boolean> =>
      new Promise((resolve) => {
        const socket = connectTls({port: port ?? 0, host: '127.0.0.1', ca, ...pair});
        socket.on('error', () => {}).on('close', () => resolve(true));
        socket.on('data', () => resolve(false)).write(connectPacket);
      });
    const ports = [it.gate.tcpPort, it.gate.wsPort];
    for (const port of ports) expect(await isRefused(port, {})).toBe(true);
    const other = await Authority.create(mkdtempSync(path.join(tmpdir(), 'gatectl-certificates-')));
    const stranger = await other.issue('neo', 'DNS:neo');
    const foreign = {cert: readFileSync(stranger.cert), key: readFileSync(stranger.key)};
    for (const port of ports) expect(await isRefused(port, foreign)).toBe(true);
    expect(seen).toEqual([]);
    for (const connect of clientsOf(it, await issued('neo', 'DNS:neo'))) await (await connect()).endAsync();
    expect(seen).toEqual(['neo', 'CN=neo', 'neo', 'CN=neo']);
  });

  testWith('openssl')('of clients need an authority that is there', async () => {
    const listener = {...loopback, tls: {...tls, ca: '\n'}};
    await expect(startTestGate({tcp: listener, ws: loopback})).rejects.toThrow(
      'tls.ca of 127.0.0.1:0 contains no certificate in PEM',
    );
    const authenticate = {certificate: {}};
    const open = {...loopback, tls};
    for (const ws of [loopback, open])
      await expect(startTestGate({tcp: open, ws, authenticate})).rejects.toThrow(
        'authenticate.certificate requires tls.ca',
      );
  });

  testWith('openssl')('of clients that are revoked or expired count as none', async () => {
    const ca = readFileSync(authority.cert, 'utf8');
    const pairOf = async (name: string, options = {}) => {
      const {cert, key} = await authority.issue(name, `DNS:${name}`, options);
      return {file: cert, cert: readFileSync(cert), key: readFileSync(key)};
    };
    const [good, lost, old] = [
      await pairOf('good'),
      await pairOf('lost'),
      await pairOf('old', {expired: true}),
    ];
    const crl = readFileSync(await authority.revoke(lost.file), 'utf8');
    const listener = {...loopback, tls: {...tls, ca, requireCertificate: true}};
    await using it = await startTestGate({tcp: listener, ws: listener});
    const connects = async (pair: object): Promise<readonly boolean[]> =>
      await Promise.all(
        clientsOf(it, pair).map((connect) =>
          connect().then(
            async (client) => {
              await client.endAsync();
              return true;
            },
            () => false,
          ),
        ),
      );
    expect([await connects(good), await connects(lost)]).toEqual([
      [true, true],
      [true, true],
    ]);
    expect(await connects(old)).toEqual([false, false]);
    const renewed = {...listener.tls, crl};
    it.gate.renewCertificates({tcp: renewed, ws: renewed});
    expect([await connects(good), await connects(lost)]).toEqual([
      [true, true],
      [false, false],
    ]);
    const broken = {...renewed, crl: 'no list'};
    expect(() => it.gate.renewCertificates({tcp: broken})).toThrow('cannot use the TLS certificate');
  });

  testWith('openssl')('cost a client nothing until it sends something', async () => {
    const listener = {...loopback, tls};
    await using it = await startTestGate({tcp: listener, ws: listener});
    const made = {TCPWRAP: 0, TLSWRAP: 0};
    const counter = createHook({
      init: (_, type) => {
        if (type === 'TCPWRAP' || type === 'TLSWRAP') made[type] += 1;
      },
    }).enable();
    const ports = [it.gate.tcpPort ?? 0, it.gate.wsPort ?? 0];
    const sockets = ports.flatMap((port) => [connectTcp(port, '127.0.0.1'), connectTcp(port, '127.0.0.1')]);
    await until(() => made.TCPWRAP === 2 * sockets.length, {what: 'both ends of each connection'});
    expect(made.TLSWRAP).toBe(0);
    for (const [at, socket] of sockets.entries()) {
      socket.on('error', () => {});
      if (at % 2 === 0) socket.end();
      else socket.write('\x16');
    }
    await until(() => made.TLSWRAP === ports.length, {what: 'TLS for the clients that spoke'});
    await until(() => sockets.every(({destroyed}, at) => at % 2 !== 0 || destroyed), {
      what: 'the others to be closed',
    });
    counter.disable();
    for (const socket of sockets) socket.destroy();
  });

  testWith('openssl')('are renewed without disconnecting, and chosen by server name', async () => {
    const names = {'*.example.com': await issued('wild', 'DNS:*.example.com')};
    const listener = {...loopback, tls: {...tls, names, minVersion: 'TLSv1.3' as const}};
    await using it = await startTestGate({tcp: listener, ws: listener});
    const served = async (port: number | undefined, servername?: string): Promise<string> => {
      const socket: TLSSocket = connectTls({
        port: port ?? 0,
        host: '127.0.0.1',
        ca: readFileSync(authority.cert),
        checkServerIdentity: () => undefined,
        ...(servername !== undefined && {servername}),
      });
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
      const {subject} = socket.getPeerCertificate();
      socket.destroy();
      return String(subject.CN);
    };
    const ports = [it.gate.tcpPort, it.gate.wsPort];
    for (const port of ports) {
      expect(await served(port)).toBe('server');
      expect(await served(port, 'EU.example.com')).toBe('wild');
      expect(await served(port, 'a.b.example.com')).toBe('server');
    }
    const clients = await Promise.all(clientsOf(it, {}).map((connect) => connect()));
    const fresh = {...(await issued('renewed')), names};
    it.gate.renewCertificates({tcp: fresh, ws: fresh});
    for (const port of ports) {
      expect(await served(port)).toBe('renewed');
      expect(await served(port, 'eu.example.com')).toBe('wild');
    }
    const broken = {cert: fresh.cert, key: tls.key};
    expect(() => it.gate.renewCertificates({tcp: broken})).toThrow('cannot use the TLS certificate');
    expect(await served(it.gate.tcpPort)).toBe('renewed');
    for (const client of clients) {
      expect((await ask(client, 'HelloWorld/HD_say/1', '{"name":"tls"}')).Error).toBe('');
      await client.endAsync();
    }
    const old = connectTls({port: it.gate.tcpPort ?? 0, host: '127.0.0.1', maxVersion: 'TLSv1.2'});
    await new Promise((resolve) => old.once('error', resolve));
  });
});
