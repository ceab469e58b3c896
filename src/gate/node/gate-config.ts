import {UsageError} from '../../base/errors.js';
import {readBoundedFile, readBoundedFileSync} from '../../base/files/bounded-file.js';
import {checkReplyInboxes} from '../../bus/rpc/reply-inboxes.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import {type AuthenticationConfig, parseAuthentication} from '../admission/authentication-config.js';
import {
  parseConfigBoolean,
  parseConfigObject,
  parseConfigString,
  parseConfigStrings,
  parseOptionalValue,
} from '../config/config-values.js';
import {parseTls, readTlsFiles, type TlsFilePaths} from '../config/tls-files.js';
import type {ListenerOptions} from '../listen/listener-options.js';
import {
  checkedLimits,
  type GateLimits,
  type OverLimitRule,
  overLimitRules,
  type SameClientIdRule,
  sameClientIdRules,
  type WillRule,
  willRules,
} from './gate-options.js';

/** Configuration of a gate: from a config file, overridden by flags. */
export interface GateConfig {
  readonly id: string | undefined;
  /** Stops another process that uses the id. */
  readonly takeOver: boolean;
  readonly tcp: ListenerConfig | undefined;
  readonly ws: ListenerConfig | undefined;
  /** Paths of PEM files; used by both listeners. */
  readonly tls: TlsFilePaths | undefined;
  /** Addresses and CIDR ranges of proxies that may report a client's address. */
  readonly trustedProxies: readonly string[] | undefined;
  /** Origins of the web pages that may open a WebSocket; any if undefined. */
  readonly origins: readonly string[] | undefined;
  /** Listeners whose connections must start with a PROXY protocol header. */
  readonly proxyProtocol: readonly ListenerName[];
  /** URL of the store. Without a store, nothing is persisted. */
  readonly store: string | undefined;
  readonly limits: Partial<GateLimits>;
  /** Maximum duration of the warm-up before the gate listens; see GateOptions. */
  readonly warmUpMs: number | undefined;
  /** How long closing the connections may take when the gate stops, in milliseconds; 10,000 by default. */
  readonly drainMs: number | undefined;
  /** How clients are authenticated. If undefined, every client is accepted. */
  readonly authenticate: AuthenticationConfig | undefined;
  readonly sameClientId: SameClientIdRule | undefined;
  readonly will: WillRule | undefined;
  readonly sessionsOverLimit: OverLimitRule | undefined;
  /** Prefixes of allowed reply inboxes; see ReplyInboxes. */
  readonly replyInboxes: readonly string[] | undefined;
  /** Number of gate processes that share the ports. */
  readonly processes: number;
}

/** Command-line flags for keys of a gate config. */
type GateFlags = Partial<Record<'id' | 'tcp' | 'ws' | 'store' | 'cert' | 'key' | 'sameClientId', string>> & {
  readonly drain?: number | undefined;
  readonly processes?: number | undefined;
  readonly takeOver?: boolean | undefined;
  /** Comma-separated. */
  readonly replyInboxes?: string | undefined;
};

const listenerNames = ['tcp', 'ws'] as const;
type ListenerName = (typeof listenerNames)[number];

interface ListenerConfig {
  readonly host: string;
  readonly port: number;
}

const knownKeys = [
  'version',
  'id',
  'takeOver',
  'tcp',
  'ws',
  'tls',
  'trustedProxies',
  'proxyProtocol',
  'origins',
  'store',
  'limits',
  'warmUpMs',
  'drainMs',
  'authenticate',
  'sameClientId',
  'will',
  'sessionsOverLimit',
  'replyInboxes',
  'processes',
];
/** More than most machines have cores. Each process takes about 60 MB. */
const maxProcesses = 64;

/** Merges the config file, if there is one, and the flags; flags take precedence. Rejects with UsageError. */
export async function loadGateConfig(file: string | undefined, flags: GateFlags): Promise<GateConfig> {
  const {cert, key, drain: drainMs, replyInboxes: inboxList, ...others} = flags;
  const replyInboxes = inboxList?.split(',');
  const tls = cert === undefined && key === undefined ? undefined : {cert, key};
  const given = Object.fromEntries(
    Object.entries({...others, tls, drainMs, replyInboxes}).filter(([, value]) => value !== undefined),
  );
  const fromFlags = parseGateConfig(given);
  if (file === undefined) return fromFlags;
  const fromFile = await readGateConfig(file);
  const overrides = Object.entries(fromFlags).filter(([name]) => name in given);
  return {...fromFile, ...Object.fromEntries(overrides)};
}

/** Reads a JSON config file. Rejects with a UsageError that contains the file and the key. */
async function readGateConfig(file: string): Promise<GateConfig> {
  let text: string;
  try {
    text = (await readBoundedFile(file)).toString();
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException;
    throw new UsageError(`cannot read the gate config "${file}": ${code ?? 'unknown error'}`, {cause});
  }
  return configIn(file, text);
}

function configIn(file: string, text: string): GateConfig {
  try {
    return parseGateConfig(parseStrictJson(text));
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new UsageError(`gate config "${file}": ${cause.message}`, {cause});
  }
}

/** Reads the store's URL from the config file again. Throws UsageError if the file can't be read or has no store. */
export function readStoreUrl(file: string): string {
  const {store} = configIn(file, readBoundedFileSync(file).toString());
  return parseConfigString(store, 'store');
}

/** Parses a gate config. Throws UsageError for an unknown key or an invalid value. */
export function parseGateConfig(value: unknown): GateConfig {
  const fields = parseConfigObject(value, 'the config');
  for (const key of Object.keys(fields)) {
    if (!knownKeys.includes(key))
      throw new UsageError(`unknown key "${key}" in the gate config`, {
        hint: `valid keys: ${knownKeys.join(', ')}`,
      });
  }
  return {
    id: parseOptionalValue(fields['id'], (id) => parseConfigString(id, 'id')),
    takeOver: parseOptionalValue(fields['takeOver'], (is) => parseConfigBoolean(is, 'takeOver')) ?? false,
    tcp: parseOptionalValue(fields['tcp'], (tcp) => parseListener(parseConfigString(tcp, 'tcp'))),
    ws: parseOptionalValue(fields['ws'], (ws) => parseListener(parseConfigString(ws, 'ws'))),
    tls: parseOptionalValue(fields['tls'], parseTls),
    trustedProxies: parseOptionalValue(fields['trustedProxies'], (list) =>
      parseConfigStrings(list, 'trustedProxies'),
    ),
    origins: parseOptionalValue(fields['origins'], (list) => parseConfigStrings(list, 'origins')),
    proxyProtocol: parseOptionalValue(fields['proxyProtocol'], parseProxyProtocol) ?? [],
    store: parseOptionalValue(fields['store'], (store) => parseConfigString(store, 'store')),
    limits:
      parseOptionalValue(fields['limits'], (limits) => checkedLimits(parseConfigObject(limits, 'limits'))) ??
      {},
    warmUpMs: parseOptionalValue(fields['warmUpMs'], (ms) => parseMs(ms, 'warmUpMs')),
    drainMs: parseOptionalValue(fields['drainMs'], (ms) => parseMs(ms, 'drainMs')),
    authenticate: parseOptionalValue(fields['authenticate'], parseAuthentication),
    sameClientId: parseOptionalValue(fields['sameClientId'], (rule) =>
      oneOf(rule, 'sameClientId', sameClientIdRules),
    ),
    will: parseOptionalValue(fields['will'], (rule) => oneOf(rule, 'will', willRules)),
    sessionsOverLimit: parseOptionalValue(fields['sessionsOverLimit'], (rule) =>
      oneOf(rule, 'sessionsOverLimit', overLimitRules),
    ),
    replyInboxes: parseOptionalValue(fields['replyInboxes'], parseReplyInboxes),
    processes: parseOptionalValue(fields['processes'], parseProcesses) ?? 1,
  };
}

/** Parses `host:port`, `[::1]:port`, or a port alone, which listens on 127.0.0.1. Port 0 lets the system choose. */
function parseListener(text: string): ListenerConfig {
  const match = /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535)
    throw new UsageError(`invalid listen address "${text}"`, {hint: 'for example 0.0.0.0:3563 or 3563'});
  return {host: match[1] ?? match[2] ?? '127.0.0.1', port};
}

/** Returns a listener's options with its certificates, which are read from their files. Rejects with UsageError. */
export async function loadListenerOptions(
  name: ListenerName,
  {tls, proxyProtocol, ...config}: GateConfig,
): Promise<ListenerOptions | undefined> {
  const listener = config[name];
  if (listener === undefined) return undefined;
  return {
    ...listener,
    tls: tls && (await readTlsFiles(tls)),
    proxyProtocol: proxyProtocol.includes(name),
  };
}

/** Parses `true` for both listeners, or the name of one. */
function parseProxyProtocol(value: unknown): readonly ListenerName[] {
  if (typeof value === 'boolean') return value ? listenerNames : [];
  const known = listenerNames.find((name) => name === value);
  if (known !== undefined) return [known];
  throw new UsageError(`invalid proxyProtocol ${JSON.stringify(value)}: expected true, "tcp" or "ws"`);
}

const maxMs = 86_400_000;

function parseMs(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= maxMs) return value;
  throw new UsageError(
    `invalid ${what} ${JSON.stringify(value)}: expected a whole number of milliseconds, at most ${maxMs}`,
  );
}

function oneOf<T extends string>(value: unknown, what: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new UsageError(`invalid ${what} ${JSON.stringify(value)}: expected ${known.join(' or ')}`);
}

function parseReplyInboxes(value: unknown): readonly string[] {
  if (!Array.isArray(value))
    throw new UsageError(
      `invalid replyInboxes ${JSON.stringify(value)}: expected a list of subject prefixes`,
    );
  return checkReplyInboxes(value.map((prefix) => parseConfigString(prefix, 'a prefix of replyInboxes')));
}

function parseProcesses(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= maxProcesses)
    return value;
  throw new UsageError(
    `invalid processes ${JSON.stringify(value)}: expected a whole number from 1 to ${maxProcesses}`,
  );
}
