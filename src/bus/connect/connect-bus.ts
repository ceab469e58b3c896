import {PermissionError, UnreachableError, UsageError} from '../../base/errors.js';
import {version} from '../../base/version.js';
import type {Bus} from '../bus.js';
import {isPublishableAddress} from '../node-address.js';
import type {BusOptions} from './bus-options.js';
import {credentialsForServer, currentSecret} from './credentials.js';
import {parseServerUrls, redactUrls, type ServerUrl} from './server-url.js';
import {isCredentialsRefusedCode, tryServersInTurn} from './try-servers-in-turn.js';

const unreachableHint = 'pass --server or set GATECTL_SERVER; for a cluster on this machine: gatectl dev';

/** Connects to NATS. Rejects with UnreachableError, PermissionError or UsageError; their texts contain no secrets. */
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

/** Returns true if plain TCP without reconnecting is sufficient. */
function isPlain(options: BusOptions, urls: readonly ServerUrl[]): boolean {
  const {reconnect, creds, nkey, jwt, seed, tls, inboxPrefix = '_INBOX', pingIntervalMs, jetStream} = options;
  const special = [creds, nkey, jwt, seed, tls, pingIntervalMs, jetStream].some(
    (option) => option !== undefined,
  );
  return !reconnect && !special && isPublishableAddress(inboxPrefix) && !urls.some((url) => url.tls);
}

/**
 * Connects to the first server that accepts. Resolves with undefined if a server requires more than the fast
 * connection supports.
 */
async function connectPlainly(
  options: BusOptions,
  urls: readonly ServerUrl[],
  server: string,
): Promise<Bus | undefined> {
  const {connectFastBus, FastConnectFailure} = await import('../fast/fast-bus.js');
  const {name = 'gatectl', inboxPrefix = '_INBOX'} = options;
  return await tryServersInTurn(urls, options.timeoutMs, async (url, timeoutMs) => {
    const {user, password, token} = credentialsForServer(options, url);
    const credentials = {user, password: currentSecret(password), token: currentSecret(token)};
    const {host, port} = url;
    try {
      return await connectFastBus({
        host,
        port,
        timeoutMs,
        name,
        version,
        ...credentials,
        inboxPrefix,
        server,
      });
    } catch (error) {
      if (error instanceof FastConnectFailure && error.code === 'TLS') return undefined;
      throw error;
    }
  });
}

function translate(cause: unknown, server: string, options: BusOptions): Error {
  const {code, message} = cause as {readonly code?: string; readonly message?: string};
  if (isCredentialsRefusedCode(code)) {
    return new PermissionError(`NATS at ${server} refused the ${method(options)}`, {cause});
  }
  if (code === 'BAD_CREDS' || /nkey|seed|creds|checksum/i.test(message ?? '')) {
    return new UsageError(`the ${method(options)} cannot be used: the file contains no valid seed`, {cause});
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
  return server.includes('@') ? 'credentials in the URL' : 'connection: it requires credentials';
}

function reasonOf(code: string | undefined, message: string | undefined, options: BusOptions): string {
  if (code === 'CONNECTION_REFUSED') return 'connection refused';
  if (code === 'TIMEOUT' || code === 'CONNECTION_TIMEOUT' || message === 'deadline') {
    return `no answer within ${options.timeoutMs} ms`;
  }
  return message ?? String(code);
}
