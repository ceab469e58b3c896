import {once} from 'node:events';
import {createConnection} from 'node:net';
import {connect} from 'node:tls';
import {timeoutSignal} from '../../base/abort-signals.js';
import {errorMessage, networkErrorText} from '../../base/error-details.js';
import {PermissionError} from '../../base/errors.js';
import type {RedisHost, RedisServers} from './redis-url.js';

const maxListed = 5;

/**
 * Connects to each server and returns the results as text: `10.0.0.1:6379 connection refused, …`. The clients for
 * clusters and sentinels report only that a connection was closed.
 */
export async function describeServerFaults(
  {hosts, tls}: Pick<RedisServers, 'hosts' | 'tls'>,
  timeoutMs: number,
): Promise<string> {
  const named = hosts.slice(0, maxListed);
  const faults = await Promise.all(named.map((host) => serverFault(host, {tls, timeoutMs})));
  const texts = named.map(({host, port}, at) => `${host}:${port} ${faults[at]}`);
  const more = hosts.length > maxListed ? [`and ${hosts.length - maxListed} more`] : [];
  return [...texts, ...more].join(', ');
}

interface Attempt {
  readonly tls: boolean;
  readonly timeoutMs: number;
}

async function serverFault({host, port}: RedisHost, {tls, timeoutMs}: Attempt): Promise<string> {
  const socket = tls ? connect({host, port}) : createConnection({host, port});
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', {signal: timeoutSignal(timeoutMs)});
    return 'accepts connections';
  } catch (error) {
    if ((error as Error).name === 'AbortError') return `no connection within ${timeoutMs} ms`;
    return networkErrorText(error) ?? errorMessage(error);
  } finally {
    socket.destroy();
  }
}

/** Matches permission errors. Scripts embed the error code in a sentence. */
export const permissionErrors = /\b(?:NOAUTH|WRONGPASS|NOPERM)\b|executing the script can't/;

/** Returns the error for refused credentials or a missing permission, with the next step. */
export function permissionError(cause: Error, {shown, mode, username}: RedisServers): PermissionError {
  const {message} = cause;
  const isSentinel = mode === 'sentinel' && /sentinel/i.test(message);
  const who = isSentinel ? 'the sentinels require' : 'the server requires';
  const why = /\bNOAUTH\b/.test(message) ? `${who} a password (NOAUTH)` : message;
  const hint = isSentinel
    ? 'give the password of the sentinels in a file: sentinel-password-file=FILE'
    : permissionHint(message, username ?? 'default');
  return new PermissionError(`Redis at ${shown}: ${why}`, {hint, cause});
}

function permissionHint(message: string, user: string): string {
  if (!/\bNOPERM\b/.test(message))
    return 'give a user in the URL, and the password in a file: redis://user@host:6379/0?password-file=FILE';
  const [, command = ''] = /run the '([a-z|]{1,40})' command/.exec(message) ?? [];
  const missing = command === '' ? 'the keys of the records' : `+${command}`;
  return `the user ${JSON.stringify(user)} of Redis lacks the permission for ${missing}: redis-cli acl list`;
}
