import {type ConnectionOptions, connect, type NatsConnection, type TlsOptions} from 'nats';
import {afterTimeout} from '../../base/abort-signals.js';
import {errorCodeOrText} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';
import type {Bus} from '../bus.js';
import {adaptReconnecting, type CurrentServerCredentials, ReconnectBackoff} from './adapt-reconnecting.js';
import type {BusOptions} from './bus-options.js';
import {NatsBus} from './nats-bus.js';
import {NatsServerCredentials} from './nats-server-credentials.js';
import type {ServerUrl} from './server-url.js';
import {tryServersInTurn} from './try-servers-in-turn.js';

/** Ping interval. A lost connection is noticed after three of these; the package's default takes minutes. */
const defaultPingMs = 15_000;

/**
 * Connects with the `nats` package. Rejects with the package's errors, or with UsageError for a file that can't be
 * read.
 */
export async function connectNats(
  options: BusOptions,
  urls: readonly ServerUrl[],
  shown: string,
): Promise<Bus> {
  const signIns = new NatsServerCredentials(options);
  const backoff = new ReconnectBackoff();
  const tls = await tlsOptions(options, urls);
  return await tryServersInTurn(urls, options.timeoutMs, async (url, timeoutMs) => {
    signIns.answer(url); // throws for an unusable file, whose name is not in the package's error
    const current: CurrentServerCredentials = {answer: (nonce) => signIns.answer(url, nonce)};
    const connection = await connectOnce(
      {...connectionOptions(options, url, backoff, current), ...tls, timeout: timeoutMs},
      timeoutMs,
    );
    if (options.reconnect) adaptReconnecting(connection, {urls, first: url, signIns, current});
    const {giveUpAfterMs, notice, jsDomain, jsApiPrefix} = options;
    return new NatsBus(connection, shown, {backoff, giveUpAfterMs, notice, jsDomain, jsApiPrefix});
  });
}

function connectionOptions(
  {reconnect, name = 'gatectl', inboxPrefix, pingIntervalMs = defaultPingMs}: BusOptions,
  url: ServerUrl,
  backoff: ReconnectBackoff,
  current: CurrentServerCredentials,
): ConnectionOptions {
  return {
    servers: [url.address],
    name,
    reconnect,
    maxReconnectAttempts: -1, // any other number makes nats.js skip every second server in the list
    ignoreAuthErrorAbort: true, // otherwise the second refusal of credentials closes the connection for good
    reconnectDelayHandler: () => backoff.delayMs(),
    waitOnFirstConnect: false,
    noRandomize: true,
    authenticator: (nonce) => current.answer(nonce),
    ...(inboxPrefix === undefined ? {} : {inboxPrefix}),
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
  };
}

async function connectOnce(options: ConnectionOptions, timeoutMs: number): Promise<NatsConnection> {
  const connecting = connect(options);
  try {
    return await withDeadline(connecting, timeoutMs);
  } catch (cause) {
    connecting.then((late) => late.close()).catch(() => {});
    throw cause;
  }
}

async function tlsOptions({tls}: BusOptions, urls: readonly ServerUrl[]): Promise<{tls?: TlsOptions}> {
  if (tls === undefined && !urls.some((url) => url.tls)) return {};
  for (const path of [tls?.ca, tls?.cert, tls?.key]) if (path !== undefined) await checkReadable(path);
  const {natsTlsOptions} = await import('./nats-tls-options.js');
  return {tls: natsTlsOptions(tls ?? {}, urls)};
}

async function checkReadable(path: string): Promise<void> {
  try {
    await readBoundedFile(path);
  } catch (cause) {
    throw new UsageError(`cannot read the TLS file "${path}": ${errorCodeOrText(cause)}`, {cause});
  }
}

function withDeadline(connecting: Promise<NatsConnection>, timeoutMs: number): Promise<NatsConnection> {
  return new Promise((resolve, reject) => {
    const stopDeadline = afterTimeout(timeoutMs, () => reject(new Error('deadline')));
    connecting.then(resolve, reject).finally(stopDeadline);
  });
}
