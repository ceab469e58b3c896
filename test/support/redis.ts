import {readFileSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import path from 'node:path';
import {connect as connectTls} from 'node:tls';
import type {Authority} from './authority.js';
import {requireServer, startServer, type TestServer} from './servers.js';

/** A real Redis without persistence; `url` is `redis://127.0.0.1:<port>`. */
export async function startRedis(...settings: readonly string[]): Promise<TestServer> {
  return await startRedisWith(undefined, settings);
}

/** The same over TLS only, with the authority's certificate; `url` is `rediss://127.0.0.1:<port>`. */
export async function startRedisWith(
  tls: Authority | undefined,
  settings: readonly string[] = [],
): Promise<TestServer> {
  const program = requireServer('redis-server');
  return await startServer({
    name: 'redis-server',
    logFile: 'log',
    url: (port) => `redis${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    command(folder, port) {
      const listen = [
        '--bind',
        '127.0.0.1',
        ...portSettings(port, tls).flatMap(([key, value]) => [`--${key}`, value]),
      ];
      const files = ['--dir', folder, '--logfile', path.join(folder, 'log'), '--save', ''];
      return [program, ...listen, ...files, ...settings];
    },
    serves: (_folder, port) => answers(port, tls),
  });
}

/** What a server or a sentinel listens on, and how it talks to others of its kind. */
export function portSettings(
  port: number,
  tls: Authority | undefined,
): readonly (readonly [string, string])[] {
  if (tls === undefined) return [['port', String(port)]];
  return [
    ['port', '0'],
    ['tls-port', String(port)],
    ['tls-cert-file', tls.server.cert],
    ['tls-key-file', tls.server.key],
    ['tls-ca-cert-file', tls.ca],
    ['tls-auth-clients', 'no'],
    ['tls-replication', 'yes'],
    ['tls-cluster', 'yes'],
  ];
}

/** Options of an ioredis client that trusts the authority. */
export const trusting = (tls: Authority | undefined) =>
  tls === undefined ? {} : {tls: {ca: readFileSync(tls.ca)}};

/** Anything said to PING will do: with a password set the word is an error. */
export function answers(port: number, tls?: Authority): Promise<boolean> {
  return new Promise((resolve) => {
    const to = {host: '127.0.0.1', port};
    const ping = (): unknown => socket.write('PING\r\n');
    const socket: Socket =
      tls === undefined ? connect(to, ping) : connectTls({...to, ca: readFileSync(tls.ca)}, ping);
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('data', () => done(true));
  });
}
