import {connect, type Socket} from 'node:net';
import {errorMessage} from '../../base/error-details.js';
import {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import {AddressLimits} from '../listen/address-limits.js';
import {AllowedOrigins} from '../listen/allowed-origins.js';
import {listenTcp} from '../listen/listen-tcp.js';
import type {SocketServerOptions} from '../listen/socket-server.js';
import {TrustedProxies} from '../listen/trusted-proxies.js';
import {ClientConnection} from '../mqtt/client-connection.js';
import {encodePacket, type Packet} from '../mqtt/packet-codec.js';
import {EventFeeds} from '../sessions/event-feeds.js';
import {GateCounters} from '../sessions/gate-counters.js';
import {PushSender} from '../sessions/push-sender.js';
import {SessionTable} from '../sessions/session-table.js';
import {DrainStatus} from './drain-status.js';
import {GateNode} from './gate-node.js';
import {defaultLimits, withDefaultLimits} from './gate-options.js';

const clientsPerRound = 100;
/** The warm-up ends when this many rounds have not shortened the best time by more than `gain`. */
const steadyRounds = 6;
const gain = 0.95;
/** Maximum wall-clock time of the warm-up, as a multiple of its processor time. */
const maxSlowness = 1.5;

let warm: Promise<void> | undefined;

/** Warms up, once per process, because compiled code serves every gate in it. 0 skips it. */
export async function warmUpProcessOnce(withinMs: number, log: (line: string) => void): Promise<void> {
  if (withinMs <= 0) return;
  warm ??= warmUp(withinMs).catch((error) => log(`the gate is not warmed up: ${errorMessage(error)}`));
  await warm;
}

/**
 * Connects, serves and disconnects synthetic clients on a loopback port until V8 has compiled the code for clients,
 * including Node's sockets. Otherwise the first thousand real clients, who all reconnect after a restart, would be
 * accepted at a fraction of the later rate. The synthetic clients belong to a separate node, which no bus or registry
 * knows. `withinMs` is processor time, with half as much again by the clock: on a machine that restarts many programs, a
 * short limit by the clock would end the warm-up before it has had any effect, and a long one would delay the gate.
 */
async function warmUp(withinMs: number): Promise<void> {
  const {node, pushes, table} = scratchNode();
  const {port, close} = await listenTcp(loopback(), (link) => node.opened(new ClientConnection(link, node)));
  let clients: readonly SyntheticClient[] = [];
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    for (const client of clients) client.destroy();
  }, withinMs * maxSlowness);
  const before = process.cpuUsage();
  let best = Number.POSITIVE_INFINITY;
  let steady = 0;
  for (let spent = 0; spent < withinMs && steady < steadyRounds && !isLate; ) {
    const started = spent;
    clients = Array.from(
      {length: clientsPerRound},
      (_, at) => new SyntheticClient(port, versions[at % 2] ?? 4),
    );
    await Promise.all(clients.map((client) => client.answered()));
    pushes.sendAll([...table.values()], 'warm/up', body);
    await Promise.all(clients.map((client) => client.left()));
    spent = processorMs(before);
    steady = spent - started < best * gain ? 0 : steady + 1;
    best = Math.min(best, spent - started);
  }
  clearTimeout(deadline);
  await node.closeAll(0);
  await close();
}

function processorMs(since: NodeJS.CpuUsage): number {
  const {user, system} = process.cpuUsage(since);
  return (user + system) / 1000;
}

const host = '127.0.0.1';

function loopback(): SocketServerOptions {
  const {connectTimeoutMs} = defaultLimits;
  return {
    ...{host, port: 0, connectTimeoutMs, onRefused: () => {}},
    addresses: new AddressLimits(defaultLimits, defaultLimits, Date.now),
    proxies: new TrustedProxies([]),
    origins: new AllowedOrigins(undefined),
  };
}

function scratchNode() {
  const [nodeId, log, now] = ['WarmUp@1', () => {}, Date.now];
  const [table, counters, replies] = [new SessionTable(), new GateCounters(), new ReplyInboxes({log})];
  const pushes = new PushSender(undefined, counters, log);
  const feeds = new EventFeeds({nodeId, replies, now, log, publish: () => {}, limitBytes: 1024 * 1024});
  const node = new GateNode({
    ...{nodeId, table, counters, pushes, feeds, log, now, drain: new DrainStatus()},
    limits: withDefaultLimits(),
    hooks: {},
    persistence: undefined,
    router: {route: async () => undefined},
    authenticator: undefined,
    bind: async () => {},
  });
  return {node, pushes, table};
}

const body = Buffer.from('{"warm":true}');
const versions = [4, 5] as const;

const encoded = (packets: readonly Packet[], version: 4 | 5): Buffer =>
  Buffer.concat(packets.map((packet) => encodePacket(packet, version)));

const greeting = (protocolVersion: 4 | 5): readonly Packet[] => [
  {cmd: 'connect', protocolId: 'MQTT', protocolVersion, clientId: 'warm-up', clean: true, keepalive: 60},
  {cmd: 'subscribe', messageId: 1, subscriptions: [{topic: 'warm/#', qos: 0}]},
  {cmd: 'publish', topic: 'Warm/HD_up/1', payload: body, qos: 0, dup: false, retain: false},
  {cmd: 'pingreq'},
];

const hello = {4: encoded(greeting(4), 4), 5: encoded(greeting(5), 5)};
const goodbye = encoded([{cmd: 'disconnect'}], 4); // the same bytes in both versions

/** A client on a real socket. It disconnects when it has received the push. */
class SyntheticClient {
  private readonly socket: Socket;
  private readonly closed: Promise<unknown>;

  constructor(port: number, version: 4 | 5) {
    this.socket = connect({port, host});
    this.closed = new Promise((resolve) => {
      this.socket.once('close', resolve);
    });
    this.socket.on('error', () => {}); // 'close' follows
    this.socket.write(hello[version]);
  }

  /** Resolves when it is connected, or when its connection is closed. */
  async answered(): Promise<void> {
    const answer = new Promise((resolve) => {
      this.socket.once('data', resolve);
    });
    await Promise.race([answer, this.closed]);
  }

  /** Resolves when its connection is closed. */
  async left(): Promise<void> {
    this.socket.once('data', () => this.socket.write(goodbye));
    await this.closed;
  }

  destroy(): void {
    this.socket.destroy();
  }
}
