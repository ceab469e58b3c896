import {PermissionError, UnreachableError, UsageError} from '../errors.js';
import {version} from '../version.js';
import {isAddress} from './address.js';
import type {Bus} from './bus.js';
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
  /** JetStream will be asked for too. */
  readonly jetStream?: boolean | undefined;
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
  try {
    const plain = isPlain(options, urls) ? await connectPlainly(options, urls, shown) : undefined;
    if (plain !== undefined) return plain;
    const {connectNats} = await import('./nats-connect.js');
    return await connectNats(options, urls, shown);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw translate(cause, shown, options);
  }
}

/** Whether it is a connection for one command with nothing about it that takes more than TCP. */
function isPlain(options: BusOptions, urls: readonly ServerUrl[]): boolean {
  const {reconnect, creds, nkey, jwt, seed, tls, inboxPrefix = '_INBOX', pingIntervalMs, jetStream} = options;
  const special = [creds, nkey, jwt, seed, tls, pingIntervalMs, jetStream].some(
    (option) => option !== undefined,
  );
  return !reconnect && !special && isAddress(inboxPrefix) && !urls.some((url) => url.tls);
}

/** The first server of the list that takes us; undefined when one wants more than a plain connection has. */
async function connectPlainly(
  options: BusOptions,
  urls: readonly ServerUrl[],
  server: string,
): Promise<Bus | undefined> {
  const {connectPlain, PlainFailure} = await import('./plain/plain-bus.js');
  const {name = 'gatectl', inboxPrefix = '_INBOX'} = options;
  const {user, password, token} = signInOf(options, urls);
  const end = Date.now() + options.timeoutMs;
  let failure: unknown;
  for (const [at, {host, port}] of urls.entries()) {
    const timeoutMs = Math.max(1, (end - Date.now()) / (urls.length - at));
    try {
      return await connectPlain({
        host,
        port,
        timeoutMs,
        name,
        version,
        user,
        password,
        token,
        inboxPrefix,
        server,
      });
    } catch (error) {
      if (error instanceof PlainFailure && error.code === 'TLS') return undefined;
      failure = error;
    }
  }
  throw failure;
}

/** User, password and token: those of the options win over those in the URL. */
export function signInOf(
  options: Pick<BusOptions, 'user' | 'password' | 'token'>,
  urls: readonly ServerUrl[],
): Pick<BusOptions, 'user' | 'password' | 'token'> {
  const fromUrl = urls.find((url) => url.user !== undefined || url.token !== undefined);
  return {
    user: options.user ?? fromUrl?.user,
    password: options.user === undefined ? fromUrl?.password : options.password,
    token: options.token ?? fromUrl?.token,
  };
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
