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
import {readBoundedFile} from '../bounded-file.js';
import {UsageError} from '../errors.js';
import {afterPatience} from '../signals.js';
import type {Bus} from './bus.js';
import {type BusOptions, signInOf} from './connect.js';
import {NatsBus} from './nats-bus.js';
import type {ServerUrl} from './server-url.js';

/** Connects with the `nats` package and rejects with its errors, or with UsageError for a file that can't be read. */
export async function connectNats(
  options: BusOptions,
  urls: readonly ServerUrl[],
  shown: string,
): Promise<Bus> {
  const connecting = connect(await connectionOptions(options, urls));
  try {
    return new NatsBus(await withDeadline(connecting, options.timeoutMs), shown);
  } catch (cause) {
    connecting.then((late) => late.close()).catch(() => {});
    throw cause;
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
  const {user, password, token} = signInOf(options, urls);
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
    return await readBoundedFile(path);
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
    const stopDeadline = afterPatience(timeoutMs, () => reject(new Error('deadline')));
    connecting.then(resolve, reject).finally(stopDeadline);
  });
}
