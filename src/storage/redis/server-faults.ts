import {once} from 'node:events';
import {createConnection} from 'node:net';
import {networkFault} from '../../base/error-details.js';
import {timeoutSignal} from '../../base/signals.js';
import type {RedisHost} from './redis-url.js';

const mostNamed = 5;

/**
 * Connects to each server, and returns the results as text: `10.0.0.1:6379 connection refused, …`. The clients of a cluster
 * and of sentinels report only that a connection was closed.
 */
export async function serverFaults(hosts: readonly RedisHost[], timeoutMs: number): Promise<string> {
  const named = hosts.slice(0, mostNamed);
  const faults = await Promise.all(named.map((host) => serverFault(host, timeoutMs)));
  const texts = named.map(({host, port}, at) => `${host}:${port} ${faults[at]}`);
  const more = hosts.length > mostNamed ? [`and ${hosts.length - mostNamed} more`] : [];
  return [...texts, ...more].join(', ');
}

async function serverFault({host, port}: RedisHost, timeoutMs: number): Promise<string> {
  const socket = createConnection({host, port});
  try {
    await once(socket, 'connect', {signal: timeoutSignal(timeoutMs)});
    return 'accepts connections';
  } catch (error) {
    if ((error as Error).name === 'AbortError') return `no connection within ${timeoutMs} ms`;
    return networkFault(error) ?? String(error);
  } finally {
    socket.destroy();
  }
}
