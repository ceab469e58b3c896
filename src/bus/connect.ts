import {readFile} from 'node:fs/promises';
import {
  type Authenticator,
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  jwtAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
  type TlsOptions,
} from 'nats';
import {PermissionError, UnreachableError, UsageError} from '../errors.js';
import type {Bus} from './bus.js';
import {NatsBus} from './nats-bus.js';
import {parseServerUrls, redactUrls, type ServerUrl} from './server-url.js';

export interface BusOptions {
  /** `nats://host:4222`, several separated by commas; userinfo is used as natscli uses it. */
  readonly server: string;
  /** Deadline for the whole of connecting, a server that accepts and never speaks included. */
  readonly timeoutMs: number;
  /** Long-lived connections come back by themselves, for ever; a one-shot command gives up. */
  readonly reconnect: boolean;
  readonly name?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** Path of a credentials file. */
  readonly creds?: string | undefined;
  /** Path of a file with an nkey seed. */
  readonly nkey?: string | undefined;
  /** A user's JWT, whose seed is in `seed`. */
  readonly jwt?: string | undefined;
  /** Seed of the JWT's user, or of an nkey. */
  readonly seed?: string | undefined;
  readonly tls?: BusTls | undefined;
  readonly inboxPrefix?: string | undefined;
  readonly pingIntervalMs?: number | undefined;
}

/** Paths of PEM files. */
export interface BusTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** TLS before the server's greeting. */
  readonly first?: boolean | undefined;
}

const unreachableHint = 'pass --server or set GATECTL_SERVER; for a cluster on this machine: gatectl dev';

/** Connects. Rejects with UnreachableError, PermissionError or UsageError, never with a secret in the text. */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const urls = parseServerUrls(options.server);
  const shown = redactUrls(options.server);
  const connecting = connect(await connectionOptions(options, urls));
  try {
    return new NatsBus(await withDeadline(connecting, options.timeoutMs), shown);
  } catch (cause) {
    connecting.then((late) => late.close()).catch(() => {});
    throw translate(cause, shown, options);
  }
}

async function connectionOptions(
  options: BusOptions,
  urls: readonly ServerUrl[],
): Promise<ConnectionOptions> {
  const {reconnect, name = 'gatectl', inboxPrefix, pingIntervalMs} = options;
  return {
    servers: urls.map((url) => url.address),
    name,
    timeout: options.timeoutMs,
    reconnect,
    maxReconnectAttempts: -1, // any other number makes nats.js skip every second server of the list
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    waitOnFirstConnect: false,
    noRandomize: true,
    ...(inboxPrefix === undefined ? {} : {inboxPrefix}),
    ...(pingIntervalMs === undefined ? {} : {pingInterval: pingIntervalMs, maxPingOut: 2}),
    ...(await credentials(options, urls)),
    ...(await tlsOptions(options, urls)),
  };
}

async function credentials(
  options: BusOptions,
  urls: readonly ServerUrl[],
): Promise<Partial<ConnectionOptions>> {
  const fromUrl = urls.find((url) => url.user !== undefined || url.token !== undefined);
  const user = options.user ?? fromUrl?.user;
  const password = options.user === undefined ? fromUrl?.password : options.password;
  const token = options.token ?? fromUrl?.token;
  if (user !== undefined) return {user, pass: password ?? '', ...(token === undefined ? {} : {token})};
  const authenticator = await fileAuthenticator(options);
  return {...(authenticator === undefined ? {} : {authenticator}), ...(token === undefined ? {} : {token})};
}

async function fileAuthenticator({
  creds,
  nkey,
  jwt,
  seed: ofUser,
}: BusOptions): Promise<Authenticator | undefined> {
  if (jwt !== undefined) return jwtAuthenticator(jwt, ofUser === undefined ? undefined : Buffer.from(ofUser));
  if (creds !== undefined) return credsAuthenticator(await readSecret(creds, 'credentials'));
  if (nkey === undefined) return undefined;
  const seed = (await readSecret(nkey, 'nkey seed')).toString('latin1').trim();
  return nkeyAuthenticator(Buffer.from(seed));
}

async function readSecret(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new UsageError(`the ${what} file "${path}" can't be read`, {cause});
  }
}

async function tlsOptions({tls}: BusOptions, urls: readonly ServerUrl[]): Promise<{tls?: TlsOptions}> {
  if (tls === undefined && !urls.some((url) => url.tls)) return {};
  for (const path of [tls?.ca, tls?.cert, tls?.key]) if (path !== undefined) await readSecret(path, 'TLS');
  const {tlsFor} = await import('./tls.js');
  return {tls: tlsFor(tls ?? {}, urls)};
}

function withDeadline(connecting: Promise<NatsConnection>, timeoutMs: number): Promise<NatsConnection> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('deadline')), timeoutMs);
    connecting.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function translate(cause: unknown, server: string, options: BusOptions): Error {
  const {code, message} = cause as {readonly code?: string; readonly message?: string};
  if (
    code === 'AUTHORIZATION_VIOLATION' ||
    code === 'AUTHENTICATION_EXPIRED' ||
    code === 'BAD_AUTHENTICATION'
  ) {
    return new PermissionError(`NATS at ${server} refused the ${method(options)}`, {cause});
  }
  if (code === 'BAD_CREDS' || /nkey|seed|creds|checksum/i.test(message ?? '')) {
    return new UsageError(`the ${method(options)} can't be used: the file holds no valid seed`, {cause});
  }
  return new UnreachableError(`cannot reach NATS at ${server}: ${reasonOf(code, message, options)}`, {
    hint: unreachableHint,
    cause,
  });
}

function method({user, token, creds, nkey, jwt, server}: BusOptions): string {
  if (jwt !== undefined) return 'user JWT';
  if (user !== undefined) return `user "${user}" and the password`;
  if (creds !== undefined) return `credentials "${creds}"`;
  if (nkey !== undefined) return `nkey "${nkey}"`;
  if (token !== undefined) return 'token';
  return server.includes('@') ? 'credentials in the URL' : 'connection: it wants credentials';
}

function reasonOf(code: string | undefined, message: string | undefined, options: BusOptions): string {
  if (code === 'CONNECTION_REFUSED') return 'connection refused';
  if (code === 'TIMEOUT' || code === 'CONNECTION_TIMEOUT' || message === 'deadline') {
    return `no answer within ${options.timeoutMs} ms`;
  }
  return message ?? String(code);
}
