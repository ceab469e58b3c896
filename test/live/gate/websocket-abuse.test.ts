import {randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {connect as connectTcp, type Socket} from 'node:net';
import {generate} from 'mqtt-packet';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import WebSocket from 'ws';
import {until} from '../../support/poll.js';
import {sessionIdOf, startTestGate, type TestGate} from '../../support/test-gate.js';

const hello = generate({
  cmd: 'connect',
  clientId: 'c',
  clean: true,
  keepalive: 0,
  protocolId: 'MQTT',
  protocolVersion: 4,
});

let it: TestGate;
beforeAll(async () => {
  it = await startTestGate();
});
afterAll(async () => {
  expect(await sessionIdOf(await it.client({ws: true}))).toMatch(/^[0-9a-f]{16}$/); // whatever was done to it
  await it[Symbol.asyncDispose]();
});

/** A TCP connection to the WebSocket port, what came on it, and whether the gate has closed it. */
async function bare(): Promise<{readonly socket: Socket; text: string; isClosed: boolean}> {
  const one = {socket: connectTcp(it.gate.wsPort ?? 0, '127.0.0.1'), text: '', isClosed: false};
  one.socket.on('data', (bytes) => {
    one.text += bytes.toString('latin1');
  });
  one.socket.on('error', () => {});
  one.socket.on('close', () => {
    one.isClosed = true;
  });
  await once(one.socket, 'connect');
  return one;
}

const upgrade = (...headers: readonly string[]): string =>
  [
    'GET /mqtt HTTP/1.1',
    'Host: a',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...headers,
    '',
    '',
  ].join('\r\n');

async function upgraded(): Promise<Awaited<ReturnType<typeof bare>>> {
  const one = await bare();
  one.socket.write(upgrade('Sec-WebSocket-Protocol: mqtt'));
  await until(() => one.text.includes('\r\n\r\n'));
  expect(one.text).toContain('101 Switching Protocols');
  return one;
}

/** A frame as a client has to send it, masked. */
function frame(opcode: number, payload: Buffer, {fin = true, masked = true, rsv = 0} = {}): Buffer {
  const head = Buffer.of(
    (fin ? 0x80 : 0) | rsv | opcode,
    (masked ? 0x80 : 0) | Math.min(payload.length, 126),
  );
  const length = payload.length < 126 ? Buffer.of() : Buffer.of(payload.length >> 8, payload.length & 255);
  if (!masked) return Buffer.concat([head, length, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([head, length, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

function open(headers: Record<string, string> = {}, protocols: string[] = ['mqtt']): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${it.gate.wsPort}/mqtt`, protocols, {headers});
  socket.on('error', () => {});
  return socket;
}

const noSessions = async (): Promise<boolean> => (await it.gate.api.count()).sessions === 0;

describe('the origin of a web page', () => {
  const origins = ['https://game.example.com', 'null'];

  test.each([
    ['https://game.example.com', 101],
    ['HTTPS://GAME.example.com', 101],
    ['null', 101],
    [undefined, 101],
    ['https://game.example.com:8443', 403],
    ['http://game.example.com', 403],
    ['https://game.example.com.evil.example', 403],
    ['', 403],
  ] as const)('%s is answered with status %i if the gate lists its own', async (origin, status) => {
    await using gate = await startTestGate({origins});
    const one = connectTcp(gate.gate.wsPort ?? 0, '127.0.0.1');
    one.write(
      upgrade('Sec-WebSocket-Protocol: mqtt', ...(origin === undefined ? [] : [`Origin: ${origin}`])),
    );
    const [answer] = await once(one, 'data');
    expect(String(answer)).toContain(`HTTP/1.1 ${status} `);
    one.destroy();
    const {limitHits, refused} = await gate.gate.api.stats();
    expect([limitHits?.origins?.count ?? 0, refused]).toEqual(status === 403 ? [1, 1] : [0, 0]);
    expect((await gate.gate.api.info()).admission?.origins).toEqual(origins);
  });

  test('is not checked by default', async () => {
    const socket = open({origin: 'https://evil.example'});
    await once(socket, 'open');
    socket.terminate();
    expect((await it.gate.api.info()).admission?.origins).toBeUndefined();
  });
});

describe('F11: the WebSocket port', () => {
  test('rejects an unknown subprotocol', async () => {
    const socket = open({}, ['chat']);
    const [error] = await once(socket, 'error');
    expect(String(error)).toMatch(/subprotocol/i);
  });

  test('closes a client that sends text', async () => {
    const socket = open();
    await once(socket, 'open');
    socket.send('hello');
    const [code] = await once(socket, 'close');
    expect(code).toBe(1003);
  });

  test('accepts packets split across frames in any way', async () => {
    const one = await upgraded();
    for (const [at, byte] of [...hello].entries()) {
      one.socket.write(frame(at === 0 ? 2 : 0, Buffer.of(byte), {fin: at === hello.length - 1}));
      one.socket.write(frame(9, Buffer.of(at))); // pings between the fragments
    }
    await until(async () => (await it.gate.api.count()).sessions === 1);
    one.socket.write(frame(2, Buffer.of(0xc0)));
    one.socket.write(frame(2, Buffer.of(0)));
    await until(() => one.text.endsWith('\xd0\0'));
    one.socket.destroy();
    await until(noSessions);
  });

  test.each([
    ['a frame that is not masked', frame(2, hello, {masked: false})],
    ['a reserved bit, as of a compressed frame', frame(2, hello, {rsv: 0x40})],
    ['an opcode that there is not', frame(3, hello)],
    ['a continuation of nothing', frame(0, hello)],
    ['a fragmented ping', frame(9, Buffer.of(1), {fin: false})],
    ['a length of 2^62', Buffer.from('82ff4000000000000000', 'hex')],
    ['a length over the limit', Buffer.from('82ff0000000000200000', 'hex')],
  ])('closes on %s', async (_, bytes) => {
    const one = await upgraded();
    one.socket.write(bytes);
    await until(() => one.isClosed);
    expect(await noSessions()).toBe(true);
  });

  test('does not compress, which rules out compression bombs', async () => {
    const one = await bare();
    one.socket.write(upgrade('Sec-WebSocket-Protocol: mqtt', 'Sec-WebSocket-Extensions: permessage-deflate'));
    await until(() => one.text.includes('\r\n\r\n'));
    expect(one.text).not.toMatch(/permessage-deflate/i);
    one.socket.destroy();
  });

  test('survives a flood of pings', async () => {
    const one = await upgraded();
    const flood = Buffer.concat(Array.from({length: 20_000}, (_, at) => frame(9, Buffer.from(String(at)))));
    one.socket.write(flood);
    const other = await it.client({ws: true});
    expect(await sessionIdOf(other)).toMatch(/^[0-9a-f]{16}$/);
    other.end(true);
    one.socket.destroy();
    await until(noSessions);
  });

  test('rejects headers of a megabyte', async () => {
    const one = await bare();
    one.socket.write(upgrade(`X-Long: ${'a'.repeat(1024 * 1024)}`));
    await until(() => one.isClosed);
    expect(one.text).not.toContain('101');
  });

  test.each([
    ['escapes of a terminal', `neo\u009b2J \u00ad end`],
    ['8 KiB', 'x'.repeat(8192)],
    ['bytes that are no text', '\u00ff\u00fe'],
  ])('makes a user agent of %s a short and clean setting', async (_, agent) => {
    const one = await bare();
    one.socket.write(Buffer.from(upgrade(`User-Agent: ${agent}`), 'latin1'));
    await until(() => one.text.includes('101'));
    one.socket.write(frame(2, hello));
    await until(async () => (await it.gate.api.count()).sessions === 1);
    const [row] = (await it.gate.api.list({})).rows;
    const said = row?.session.settings['User-Agent'] ?? '';
    expect(Buffer.byteLength(said)).toBeLessThanOrEqual(512);
    expect(said).not.toMatch(/\p{Cc}/u);
    expect(said.length).toBeGreaterThan(0);
    one.socket.destroy();
    await until(noSessions);
  });

  test('rejects a smuggled second request', async () => {
    const one = await bare();
    one.socket.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${upgrade()}`,
    );
    await until(() => one.isClosed);
    expect(one.text).not.toContain('101');
  });
});
