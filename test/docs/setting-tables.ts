import {exitCodesText} from '../../src/cli/line/exit-codes-text.js';
import {globalFlags} from '../../src/cli/settings/global-flags.js';
import type {GateConfig} from '../../src/gate/node/gate-config.js';
import {defaultLimits, type GateLimits} from '../../src/gate/node/gate-options.js';
import {code, plain, table} from './markdown.js';

/** Global flags with their environment variables and their members in a context file. */
export const globalFlagTable = (): string =>
  table(
    ['flag', 'environment', 'in a context', 'meaning'],
    globalFlags.map(({notation, env, summary, inContext, name}) => [
      code(notation),
      code(env),
      inContext ? code(name) : '',
      plain(summary),
    ]),
  );

/** The rows of `gatectl help exit-codes`; an indented line continues the one before. */
export function exitCodeTable(): string {
  const joined = exitCodesText.replace(/\n {11,}(?=\S)/g, ' ');
  const rows = [...joined.matchAll(/^ {2}(\d[\d, ]*?) {2,}(.*)$/gm)];
  return table(
    ['code', 'meaning'],
    rows.map(([, codes = '', meaning = '']) => [codes, plain(meaning)]),
  );
}

const limitMeanings: Readonly<Record<keyof GateLimits, string>> = {
  maxPacketBytes:
    'largest MQTT packet of a client, with its fixed header; a larger one closes the connection at its header',
  connectTimeoutMs: 'time for each of TLS, the WebSocket upgrade and CONNECT, however their bytes arrive',
  maxKeepAliveSeconds:
    'longest keep-alive; a client that asks for more, or for none, gets this. 0 leaves it to the client',
  queueBytes: 'a client that does not read is closed when more than this waits for it',
  maxSessions: 'connections with a session; the next client is told that the server is unavailable',
  connectionsPerAddress:
    'connections of one client address, or of one IPv6 /64; 0 is no limit. The default does not apply to loopback',
  connectsPerAddressPerSecond:
    'new connections of one client address per second, with a burst of the same size; 0 is no limit. The default does not apply to loopback',
  refusalPauseMs:
    'longest pause before the next sign-in of an address that was refused often; 0 is none. The default does not apply to loopback',
  sessionsPerUser:
    'sessions of one user on this gate; 0 is no limit. `sessionsOverLimit` says what happens above it',
  unacknowledgedPerClient:
    'messages of QoS 1 that a client may leave unacknowledged, at most 65,535; its Receive Maximum if that is lower',
  requestsPerClient: 'requests of one client served at once; one more is answered "the work queue is full!"',
  messagesPerSecond:
    'messages a client may publish per second on average, with a burst of the same size; 0 is no limit',
  requestTimeoutMs: 'deadline of a client request to a module; a reload does not change it',
  storageTimeoutMs: 'deadline of one call to the storage handler; a reload does not change it',
  heartbeatMs: "a client's activity reaches the storage handler's heartbeat at most once in this time",
};

/** Limits of a gate with their defaults. */
export const gateLimitTable = (): string =>
  table(
    ['limit', 'default', 'meaning'],
    Object.entries(limitMeanings).map(([name, meaning]) => [
      code(name),
      defaultLimits[name as keyof GateLimits].toLocaleString('en-US'),
      meaning,
    ]),
  );

/** Keys of a gate's config file: the flag of `gate run` that overrides each, and what it is. */
const configMeanings: Readonly<Record<keyof GateConfig, readonly [flag: string, meaning: string]>> = {
  id: ['--id', 'the part of the node id after `@`; random without it'],
  takeOver: ['--take-over', 'true: start although another process answers under the id, and stop that one'],
  tcp: [
    '--tcp',
    'address of the MQTT listener: `"0.0.0.0:3563"`, `"[::1]:3563"`, or a port alone on 127.0.0.1',
  ],
  ws: ['--ws', 'address of the MQTT over WebSocket listener'],
  tls: ['--cert, --key', '[certificates](#tls-of-a-gate) of both listeners, as PEM files'],
  trustedProxies: [
    '',
    "list of addresses and CIDR ranges: [proxies](#proxies-in-front-of-a-gate) that may name a client's address; none by default",
  ],
  proxyProtocol: [
    '',
    'true, `"tcp"` or `"ws"`: every connection begins with a PROXY protocol header of a trusted proxy',
  ],
  origins: [
    '',
    'list of [web origins](#web-pages-as-clients) whose pages may open a WebSocket, such as `"https://game.example.com"`; any without it',
  ],
  store: ['--store', '[store URL](stores.md); without it nothing is persisted'],
  limits: ['', '[limits](#limits); those not given have their defaults'],
  warmUpMs: [
    '',
    'most processor time in milliseconds that the gate spends on [synthetic clients](../performance.md#what-limits-the-rest) before it listens, with half as much again by the clock; 1,000 without it, 0 skips it',
  ],
  drainMs: ['--drain', 'time within which connections are closed when the gate ends; 10,000 without it'],
  authenticate: ['', '[who may connect](#who-may-connect); everybody without it, as in mqant'],
  will: ['', '[wills](mqtt.md#wills) of clients: `"publish"` (default), `"refuse"` or `"ignore"`'],
  sessionsOverLimit: [
    '',
    'for a user with `sessionsPerUser` sessions: `"close-older"` (default) closes the oldest, `"refuse"` fails the bind',
  ],
  sameClientId: [
    '--same-client-id',
    '`"allow"` (default, as mqant) or `"take-over"`: a new connection closes the older one of its client id',
  ],
  replyInboxes: ['--reply-inboxes', 'list of subject prefixes under which callers may receive answers'],
  processes: ['--processes', '1 to 64 gates `<id>-1`, `<id>-2` … on the same ports, one process each'],
};

export const gateConfigTable = (): string =>
  table(
    ['key', 'flag', 'meaning'],
    Object.entries(configMeanings).map(([name, [flag, meaning]]) => [
      code(name),
      flag === '' ? '' : flag.split(', ').map(code).join(', '),
      meaning,
    ]),
  );
