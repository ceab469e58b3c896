import {setImmediate as nextTurn} from 'node:timers/promises';
import {ReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import type {ClientLink, LinkEvents} from '../listen/link.js';
import {ClientConnection} from '../mqtt/client-connection.js';
import {encodePacket, type Packet} from '../mqtt/codec.js';
import {GateCounters} from '../sessions/counters.js';
import {EventFeeds} from '../sessions/event-feeds.js';
import {Pushes} from '../sessions/pushes.js';
import {SessionTable} from '../sessions/session-table.js';
import {Drain} from './drain.js';
import {GateNode} from './gate-node.js';
import {defaultLimits} from './gate-options.js';

const clientsPerRound = 200;
/** The warm-up ends when this many rounds have not shortened the best time by more than `gain`. */
const steadyRounds = 5;
const gain = 0.95;

let warm: Promise<void> | undefined;

/** Warms up, once per process, because compiled code serves every gate in it. 0 skips it. */
export async function warmUpOnce(withinMs: number): Promise<void> {
  if (withinMs <= 0) return;
  warm ??= warmUp(withinMs);
  await warm;
}

/**
 * Connects, serves and disconnects synthetic clients in memory until V8 has compiled the code for clients. Otherwise
 * the first thousand real clients, who all reconnect after a restart, would be accepted at a fraction of the later
 * rate. The synthetic clients belong to a separate node, which no bus, registry or listener knows.
 */
async function warmUp(withinMs: number): Promise<void> {
  const {node, pushes, table} = scratchNode();
  const end = performance.now() + withinMs;
  let best = Number.POSITIVE_INFINITY;
  let steady = 0;
  while (performance.now() < end && steady < steadyRounds) {
    const started = performance.now();
    const links = Array.from({length: clientsPerRound}, (_, at) => new MemoryLink(versions[at % 2] ?? 4));
    for (const link of links) {
      node.opened(new ClientConnection(link, node));
      link.say(hello[link.version]);
    }
    await nextTurn(); // so that they are admitted
    pushes.sendAll([...table.values()], 'warm/up', body);
    for (const link of links) link.say(goodbye[link.version]);
    await nextTurn(); // so that the bus and the registry are served
    const took = performance.now() - started;
    steady = took < best * gain ? 0 : steady + 1;
    best = Math.min(best, took);
  }
  await node.closeAll(0);
}

function scratchNode() {
  const [nodeId, log, now] = ['WarmUp@1', () => {}, Date.now];
  const [table, counters, replies] = [new SessionTable(), new GateCounters(), new ReplyInboxes({log})];
  const pushes = new Pushes(undefined, counters, log);
  const feeds = new EventFeeds({nodeId, replies, now, log, publish: () => {}, limitBytes: 1024 * 1024});
  const node = new GateNode({
    ...{nodeId, table, counters, pushes, feeds, log, now, drain: new Drain()},
    limits: defaultLimits,
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
const goodbye = {4: encoded([{cmd: 'disconnect'}], 4), 5: encoded([{cmd: 'disconnect'}], 5)};

/** A client in memory. */
class MemoryLink implements ClientLink {
  readonly network = 'tcp';
  readonly ip = '127.0.0.1:1';
  readonly userAgent = undefined;
  readonly certificate = undefined;
  readonly queuedBytes = 0;
  private events: LinkEvents | undefined;

  constructor(readonly version: 4 | 5) {}

  listen(events: LinkEvents): void {
    this.events = events;
  }

  say(bytes: Uint8Array): void {
    this.events?.received(bytes);
  }

  pause(): void {}

  resume(): void {}

  write(): void {}

  end(): void {}

  destroy(): void {}
}
