// What a client sends to a gate, byte by byte or at once; and what one sends to the embedded bus.
import {generate, type Packet} from 'mqtt-packet';
import {UsageError} from '../../../src/base/errors.js';
import {parseServerUrls, redactUrls} from '../../../src/bus/connect/server-url.js';
import type {Caller} from '../../../src/bus/rpc/caller.js';
import {defaultBusLimits} from '../../../src/embedded-bus/bus-limits.js';
import {parseConnectOptions} from '../../../src/embedded-bus/connect-options.js';
import {NatsParser} from '../../../src/embedded-bus/nats-parser.js';
import {NatsProtocolError} from '../../../src/embedded-bus/protocol-error.js';
import {clientAddress} from '../../../src/gate/listen/client-address.js';
import type {ClientLinkEvents} from '../../../src/gate/listen/client-link.js';
import {TrustedProxies} from '../../../src/gate/listen/trusted-proxies.js';
import {ClientConnection} from '../../../src/gate/mqtt/client-connection.js';
import type {ConnectionHost} from '../../../src/gate/mqtt/connection-host.js';
import {sanitizeUserAgent} from '../../../src/gate/mqtt/rules/text-rules.js';
import {defaultLimits} from '../../../src/gate/node/gate-options.js';
import {MessageRouter} from '../../../src/gate/node/message-router.js';
import {LiveSession} from '../../../src/gate/sessions/live-session.js';
import type {NodeDirectory} from '../../../src/registry/node-directory.js';
import {decoded, holds, type Target} from '../target.js';
import {someSession} from './wire.js';

/** A connection on a link of memory, and what came of it. */
class Client {
  readonly messages: string[] = [];
  closed = 0;
  written = 0;
  private events: ClientLinkEvents | undefined;
  readonly connection: ClientConnection;

  constructor() {
    const host: ConnectionHost = {
      limits: {...defaultLimits, maxPacketBytes: 4096},
      now: () => 0,
      authenticate: () => ({allow: true}),
      turnedAway: () => {},
      bind: async () => true,
      admit: (connection, client) => {
        holds(client.clientId.isWellFormed() && !client.clientId.includes('\0'), 'a client id is clean');
        return new LiveSession(someSession, connection, 0);
      },
      admitted: () => {},
      acceptsWill: () => true,
      will: (_, {topic}) => holds(topic.isWellFormed(), 'the topic of a will is clean'),
      message: (_, {topic, body}) => {
        holds(!/[+#\0]/.test(topic) && topic.isWellFormed(), 'a topic is clean');
        this.messages.push(`${topic} ${Buffer.from(body).toString('hex')}`);
      },
      active: () => {},
      failed: (error) => {
        throw error;
      },
      closed: () => {
        this.closed += 1;
      },
    };
    this.connection = new ClientConnection(
      {
        network: 'tcp',
        ip: '127.0.0.1:1',
        userAgent: undefined,
        certificate: undefined,
        queuedBytes: 0,
        listen: (events) => {
          this.events = events;
        },
        write: (bytes) => {
          this.written += bytes.length;
        },
        pause: () => {},
        resume: () => {},
        end: () => {},
        destroy: () => {},
      },
      host,
    );
  }

  async take(...chunks: readonly Buffer[]): Promise<void> {
    for (const chunk of chunks) {
      this.events?.received(chunk);
      await null; // CONNECT is decided later
      await null;
      await null;
    }
  }

  hangUp(): void {
    this.events?.hungUp();
    holds(this.closed === 1, `a connection ends once, not ${this.closed} times`);
  }
}

const packet = (fields: object, protocolVersion = 4): Buffer => generate(fields as Packet, {protocolVersion});
const connect = (protocolVersion: number): Buffer =>
  packet(
    {
      cmd: 'connect',
      protocolId: protocolVersion === 3 ? 'MQIsdp' : 'MQTT',
      protocolVersion,
      clientId: 'c',
      clean: true,
      keepalive: 0,
      username: 'u',
      password: Buffer.from('p'),
      ...(protocolVersion === 5 && {properties: {maximumPacketSize: 100, sessionExpiryInterval: 5}}),
    },
    protocolVersion,
  );
const hellos = [Buffer.alloc(0), connect(3), connect(4), connect(5)];

function someTraffic(version: number): Buffer {
  return Buffer.concat([
    packet(
      {cmd: 'publish', topic: 'HelloWorld/HD_say/1', payload: '{"name":"neo"}', qos: 1, messageId: 1},
      version,
    ),
    packet({cmd: 'publish', topic: 'a/b', payload: 'x', qos: 2, messageId: 2}, version),
    packet({cmd: 'pubrel', messageId: 2}, version),
    packet({cmd: 'subscribe', messageId: 3, subscriptions: [{topic: 'a/#', qos: 1}]}, version),
    packet({cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a/#']}, version),
    packet({cmd: 'pingreq'}, version),
    packet({cmd: 'disconnect'}, version),
  ]);
}

/** The first byte says what was sent before: nothing, or CONNECT of a version. */
export const mqtt: Target = {
  name: 'mqtt',
  seeds: [
    ...[3, 4, 5].map((version) => Buffer.concat([Buffer.of(0), connect(version), someTraffic(version)])),
    ...[3, 4, 5].map((version) => Buffer.concat([Buffer.of(version - 2), someTraffic(version)])),
  ],
  words: [
    Buffer.from('ffffff7f', 'hex'),
    Buffer.from('0004', 'hex'),
    'MQTT',
    'MQIsdp',
    '\x10',
    '\x32',
    '\x82',
    '\xc0\x00',
    '\x01\x15',
  ],
  async run(input) {
    const [which = 0] = input;
    const hello = hellos[which % hellos.length] ?? Buffer.alloc(0);
    const sent = input.subarray(1);
    const whole = new Client();
    await whole.take(hello, sent);
    whole.hangUp();
    if (sent.length > 512) return;
    const parts = new Client();
    await parts.take(hello, ...Array.from(sent, (_, at) => sent.subarray(at, at + 1)));
    parts.hangUp();
    // of what stands in front of a broken packet in one chunk the gate may drop some
    holds(
      parts.messages.join('\n').startsWith(whole.messages.join('\n')),
      'the same messages, however they come',
    );
    holds(whole.written < 64 * 1024 + 16 * input.length, 'no more is answered than was asked');
  },
};

/** Headers of an upgrade, topics of clients, URLs of servers: each line of the input is one. */
export const texts: Target = {
  name: 'texts',
  seeds: [
    Buffer.from('10.0.0.1, 9.9.9.9\nMozilla/5.0 (X11)\nHelloWorld@h1/HD_say/1\nnats://u:p@h:4222,tls://h2'),
    Buffer.from('::ffff:1.2.3.4,2001:db8::1\n\u00e9\u0000\nA/HD_b\ntok@h'),
  ],
  words: ['@', '/', 'HD_', '::', ',', '%', 'nats://', 'tls://', '[::1]', '{}', '..', '*', '>'],
  async run(input) {
    const [forwarded = '', agent = '', topic = '', urls = ''] = input.toString('latin1').split('\n');
    const headers = {forwardedFor: forwarded, forwarded: agent};
    holds(clientAddress('9.9.9.9', headers, proxies) === '9.9.9.9', 'nobody but a proxy names a client');
    const address = clientAddress('10.0.0.1', headers, proxies);
    holds(/^[0-9a-fA-F.:%\w]+$/.test(address), 'an address is an address');
    const cleaned = sanitizeUserAgent(agent);
    holds(Buffer.byteLength(cleaned) <= 512 && !/\p{Cc}/u.test(cleaned), 'a user agent is short and clean');
    const redacted = redactUrls(urls);
    for (const url of decoded([UsageError], () => parseServerUrls(urls)) ?? []) {
      if ((url.password ?? '').length > 3 && /^\w+$/.test(url.password ?? ''))
        holds(!redacted.includes(`:${url.password}@${url.host}`), 'a password is masked');
    }
    await routed(input.toString().split('\n')[2] ?? topic);
  },
};

const proxies = new TrustedProxies(['10.0.0.0/8']);

/** A client's topic chooses among nodes that are there, never a subject. */
async function routed(topic: string): Promise<void> {
  const known = {id: 'HelloWorld@h1', type: 'HelloWorld', address: 'mqant.module.HelloWorld.h1'};
  const called: string[] = [];
  const call = async (target: {readonly address: string}): Promise<never> => {
    called.push(target.address);
    throw new Error('nobody');
  };
  const router = new MessageRouter({
    caller: {
      call,
      send: ({address}: {readonly address: string}) => void called.push(address),
    } as unknown as Caller,
    directory: {
      find: async (id: string) => (id === known.id ? known : undefined),
      ofType: async (type: string) => (type === known.type ? [known] : []),
    } as unknown as NodeDirectory,
    timeoutMs: 1,
  });
  await router.route(someSession, topic, Buffer.from('{}'));
  holds(
    called.every((address) => address === known.address),
    'a call goes to a node that is known',
  );
}

function protocolLog(input: Buffer, chunkBytes: number): string[] {
  const log: string[] = [];
  const words = (name: string) => (some: readonly string[]) => void log.push(`${name} ${some.join(' ')}`);
  const parser = new NatsParser(
    {
      publish: ({bytes, subject, reply, headerBytes, bodyStart, bodyEnd}) => {
        log.push(`pub ${subject} ${reply} ${headerBytes} ${bytes.toString('hex', bodyStart, bodyEnd)}`);
      },
      subscribe: words('sub'),
      unsubscribe: words('unsub'),
      connect: (json) => void log.push(JSON.stringify(parseConnectOptions(json))),
      ping: () => void log.push('ping'),
      pong: () => void log.push('pong'),
    },
    {...defaultBusLimits, maxControlLineBytes: 1024, maxPayloadBytes: 8192},
  );
  decoded([NatsProtocolError], () => {
    for (let at = 0; at < input.length; at += chunkBytes)
      parser.push(Buffer.from(input.subarray(at, at + chunkBytes)));
  });
  return log;
}

export const bus: Target = {
  name: 'bus',
  seeds: [
    Buffer.from(
      'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nPING\r\nSUB a.> q 1\r\nUNSUB 1 5\r\n',
    ),
    Buffer.from('PUB a.b 5\r\nhello\r\nPUB a.b _INBOX.1 0\r\n\r\nHPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n'),
  ],
  words: ['PUB ', 'HPUB ', 'SUB ', '\r\n', ' 999999999\r\n', 'CONNECT {', 'PING\r\n', ' 0 0\r\n', '-ERR '],
  run(input) {
    const whole = protocolLog(input, input.length || 1);
    if (input.length <= 1024)
      holds(
        whole.join('\n') === protocolLog(input, 1).join('\n'),
        'the same operations, however the bytes come',
      );
  },
};
