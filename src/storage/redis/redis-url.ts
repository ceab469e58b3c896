import {UsageError} from '../../base/errors.js';
import {maskStoreCredentials} from '../store-url.js';

type RedisMode = 'single' | 'cluster' | 'sentinel';

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** The servers in a URL without parameters. */
export interface RedisServers {
  readonly mode: RedisMode;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** The server; for a cluster or sentinels, one or more nodes. */
  readonly hosts: readonly [RedisHost, ...RedisHost[]];
  readonly database: number;
  /** Name of the master that the sentinels watch; empty in the other modes. */
  readonly master: string;
  /** The URL, masked, for messages. */
  readonly shown: string;
}

const examples: Readonly<Record<RedisMode, string>> = {
  single: 'redis://127.0.0.1:6379/0',
  cluster: 'redis+cluster://10.0.0.1:6379,10.0.0.2:6379',
  sentinel: 'redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster/0',
};

/**
 * Parses `redis://`, `redis+cluster://` and `redis+sentinel://` URLs; `rediss` uses TLS. Throws UsageError, with
 * masked credentials, for values that the Redis client would misread or reject later.
 */
export function parseRedisUrl(url: string): RedisServers {
  const shown = maskStoreCredentials(url);
  const [, tls, named, userinfo, authority, path] =
    /^redis(s?)(?:\+(cluster|sentinel))?:\/\/(?:([^/]*)@)?([^/#]+)(\/[^#]*)?$/i.exec(url) ?? [];
  const mode = modeOf(named);
  const invalid = (): UsageError => invalidUrl(url, mode);
  const hasRawPassword = path?.includes('@') === true; // a slash in a password that is not percent-encoded
  if (authority === undefined || hasRawPassword) throw invalid();
  const hosts = authority.split(',').map((text) => hostOf(text, mode));
  const [first, ...more] = hosts;
  if (first === undefined || (mode === 'single' && more.length > 0)) throw invalid();
  const rest = more.filter((host) => host !== undefined);
  if (rest.length < more.length) throw invalid();
  return {
    mode,
    tls: tls !== '',
    ...credentialsIn(userinfo, shown),
    hosts: [first, ...rest],
    ...placeIn(path ?? '', mode, shown),
    shown,
  };
}

function invalidUrl(url: string, mode: RedisMode): UsageError {
  const [, port = '1'] = /:(\d{1,9})(?:[/?#,]|$)/.exec(url.slice(url.lastIndexOf('@') + 1)) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  const why = isPort ? '' : `: port ${port} is not between 1 and 65535`;
  const encoding = url.includes('@')
    ? '; in a user or password, write @ : / ? # % as %40 %3A %2F %3F %23 %25'
    : '';
  return new UsageError(`invalid Redis URL "${maskStoreCredentials(url)}"${why}`, {
    hint: `for example ${examples[mode]}${encoding}`,
  });
}

function modeOf(named: string | undefined): RedisMode {
  const mode = named?.toLowerCase();
  return mode === 'cluster' || mode === 'sentinel' ? mode : 'single';
}

/** Parses a host and port. Leaves IPv6 addresses and port ranges to the URL parser. */
function hostOf(text: string, mode: RedisMode): RedisHost | undefined {
  const url = `http://${text}`;
  const [, port = ''] = /:(\d+)$/.exec(text) ?? [];
  if (/[/?@\s]/.test(text) || !URL.canParse(url) || Number(port || 1) === 0) return undefined;
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  return {host, port: port === '' ? (mode === 'sentinel' ? 26_379 : 6379) : Number(port)};
}

function credentialsIn(userinfo: string | undefined, shown: string) {
  if (userinfo === undefined) return {username: undefined, password: undefined};
  const at = userinfo.indexOf(':');
  const user = at < 0 ? userinfo : userinfo.slice(0, at);
  try {
    return {
      username: decodeURIComponent(user) || undefined,
      password: at < 0 ? undefined : decodeURIComponent(userinfo.slice(at + 1)),
    };
  } catch {
    throw new UsageError(`the credentials in "${shown}" are not correctly percent-encoded`, {
      hint: 'write "%" as %25',
    });
  }
}

/** Parses the path: `/database`, or `/master/database` for sentinels. A cluster has only database 0. */
function placeIn(path: string, mode: RedisMode, shown: string) {
  const [, name = '', last = ''] =
    (mode === 'sentinel' ? /^\/([^/]*)\/?(.*)$/ : /^()\/(.*)$/).exec(path) ?? [];
  if (mode === 'sentinel' && (name === '' || !URL.canParse(`x:${name}`)))
    throw new UsageError(`missing master name in "${shown}"`, {hint: `for example ${examples.sentinel}`});
  if (!/^\d{0,9}$/.test(last))
    throw new UsageError(`invalid database "${last}" in "${shown}": expected a number, such as 0`);
  const database = Number(last);
  if (mode === 'cluster' && database !== 0)
    throw new UsageError(`invalid database "${last}" in "${shown}": a Redis Cluster has only database 0`);
  return {database, master: decodeURIComponent(name)};
}
