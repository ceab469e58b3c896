import {once} from 'node:events';
import {setTimeout as wait} from 'node:timers/promises';
import type {Cluster, Redis} from 'ioredis';
import {timeoutSignal} from '../../base/abort-signals.js';
import {networkErrorText} from '../../base/error-details.js';
import {
  GatectlError,
  OutcomeUnknownError,
  UnreachableError,
  UnreadableRecordError,
  UsageError,
} from '../../base/errors.js';
import {checkServerMode, clusterModeError, wrongSchemeError} from './check-server-mode.js';
import {openRedisClient, type RedisClient, type RedisClientOptions} from './redis-client.js';
import type {RedisServers} from './redis-url.js';
import {describeServerFaults, permissionError, permissionErrors} from './server-faults.js';

/** Maximum wait for one master that does not answer, so that it does not hold up commands to the others. */
const maxMasterWaitMs = 500;
const reconnectPauseMs = 500;

/**
 * A connection to a store's servers. Each call has a timeout, and errors are converted to those that callers expect.
 */
export class RedisConnection {
  readonly servers: RedisServers;
  /** The client if it belongs to a cluster; otherwise undefined. */
  readonly cluster: Cluster | undefined;
  private readonly client: RedisClient;
  private readonly timeoutMs: number;
  /** Why the connection failed or was lost. */
  private lastError: Error | undefined;
  private connecting: Promise<void> | undefined;
  /** Once it was ready, calls no longer wait while it reconnects. */
  private wasReady = false;
  private isClosed = false;
  private opening: Promise<void> | undefined;
  /** Rejects if the server of this connection is unsuitable as a store. */
  private usable: Promise<void> | undefined;

  constructor(options: RedisClientOptions) {
    this.servers = options.servers;
    // sentinels may report the old master for seconds after a failover
    this.timeoutMs = options.timeoutMs * (this.servers.mode === 'sentinel' ? 3 : 1);
    const {client, cluster} = openRedisClient(options);
    this.client = client;
    this.cluster = cluster;
    client.on('error', (error: Error) => {
      const isSummary = /^All sentinels are unreachable/.test(error.message);
      if (!isSummary || this.lastError === undefined) this.lastError = causeOf(error);
    });
    client.on('sentinelError', (error: Error) => {
      this.lastError = error; // has the sentinel and the reason
    });
    client.on('close', () => {
      this.usable = undefined;
    });
    client.on('end', () => this.reconnect());
  }

  /**
   * Connects a client again after it has ended: it does not recover by itself if the master changes while it
   * connects.
   */
  private reconnect(): void {
    if (this.isClosed) return;
    setTimeout(() => {
      if (!this.isClosed && this.client.status === 'end') this.client.connect().catch(() => {});
    }, reconnectPauseMs);
  }

  /** The connections to all masters. */
  get nodes(): readonly Redis[] {
    return this.cluster?.nodes('master') ?? [this.client];
  }

  async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    try {
      await this.reached();
      this.usable ??= checkServerMode(this.client, this.servers);
      await this.usable;
      return await work(this.client);
    } catch (cause) {
      throw await this.translated(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  /** Runs a write. If it is not answered, rejects with OutcomeUnknownError, because it may have been executed. */
  async write<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    return await this.run((client) =>
      work(client).catch((cause: Error) => {
        const isAnswer = cause.name === 'ReplyError' || /isn't writeable|isn't ready/.test(cause.message);
        if (isAnswer) throw cause;
        throw new OutcomeUnknownError(
          `Redis at ${this.servers.shown}: ${reasonIn(cause)}; the write may or may not have happened`,
          {cause},
        );
      }),
    );
  }

  close(): void {
    this.isClosed = true;
    this.client.disconnect();
  }

  private lossError(): Error {
    if (this.lastError !== undefined) return this.lastError;
    return new Error(this.servers.mode === 'cluster' ? clusterDown : 'not connected');
  }

  private async translated(error: Error): Promise<Error> {
    if (error instanceof GatectlError) return error;
    const cause = causeOf(error);
    const refusal =
      clusterModeError(cause.message, this.servers) ?? wrongSchemeError(cause.message, this.servers);
    if (refusal !== undefined) return refusal;
    const text = `Redis at ${this.servers.shown}: ${cause.message}`;
    if (/DB index is out of range/.test(cause.message))
      return new UsageError(text, {
        hint: 'use a lower number, or see: redis-cli config get databases',
        cause,
      });
    if (permissionErrors.test(cause.message)) return permissionError(cause, this.servers);
    if (/^WRONGTYPE\b/.test(cause.message)) return new UnreadableRecordError(text, {cause});
    if (cause.name === 'ReplyError')
      return new UnreachableError(text, {hint: clusterHint(cause, this.servers), cause});
    const why = hidesReason.test(cause.message)
      ? `no server answers: ${await describeServerFaults(this.servers, maxMasterWaitMs)}`
      : reasonIn(cause);
    return new UnreachableError(`Redis at ${this.servers.shown}: ${why}`, {
      hint: clusterHint(cause, this.servers) ?? pingHint(this.servers),
      cause,
    });
  }

  /** Waits for the first connection attempt. Rejects immediately if the connection was lost. */
  private async reached(): Promise<void> {
    const {status} = this.client;
    if (status === 'ready') return await this.mastersReached();
    const isWaited = this.servers.mode === 'sentinel' && !this.wasReady;
    if (status === 'end' || (status === 'reconnecting' && !isWaited)) throw this.lossError();
    this.connecting ??= this.connected().finally(() => {
      this.connecting = undefined;
    });
    await this.connecting;
    this.wasReady = true;
    await this.mastersReached();
  }

  /**
   * Waits for connections to masters. A cluster's client connects to a master on its first command, and rejects
   * further ones until then.
   */
  private async mastersReached(): Promise<void> {
    if (this.cluster === undefined) return;
    const opening = this.nodes.filter(({status}) => !['ready', 'end', 'close'].includes(status));
    if (opening.length === 0) return;
    this.opening ??= opened(opening).finally(() => {
      this.opening = undefined;
    });
    await this.opening;
  }

  /** Waits for the connection. All waiting callers share the result. */
  private async connected(): Promise<void> {
    const {client, timeoutMs} = this;
    const over = new AbortController();
    const {signal} = over;
    const lost =
      this.servers.mode === 'sentinel'
        ? new Promise(() => {})
        : Promise.race([once(client, 'close', {signal}), once(client, 'reconnecting', {signal})]);
    const ready = once(client, 'ready', {signal});
    try {
      await Promise.race([
        ready,
        lost.then(() => Promise.reject(this.lossError())),
        wait(timeoutMs, undefined, {signal}).then(() => {
          throw new Error(`no answer within ${timeoutMs} ms${reasonOf(this.lastError)}`);
        }),
      ]);
    } finally {
      over.abort();
    }
  }
}

/**
 * Connects to nodes, and waits for a limited time. Commands to a node that is still connecting would fail
 * immediately.
 */
async function opened(nodes: readonly Redis[]): Promise<void> {
  const signal = timeoutSignal(maxMasterWaitMs);
  for (const node of nodes) if (node.status === 'wait') node.connect().catch(() => {});
  await Promise.allSettled(
    nodes.map((node) => Promise.race([once(node, 'ready', {signal}), once(node, 'end', {signal})])),
  );
}

/** Matches ioredis messages that hide why it could not connect. */
const hidesReason = /Connection is closed|All sentinels are unreachable|failed to connect to sentinel/;

const reasonIn = (error: Error): string =>
  /^Unknown RESP type|^Protocol error/.test(error.message)
    ? 'the server does not speak the protocol of Redis'
    : (networkErrorText(error) ?? error.message.replace(/\.$/, ''));

const clusterDown = 'the Redis Cluster is down: some slots may have no master';

/** Returns the command that shows the slots without a master, for errors that they cause; otherwise undefined. */
const clusterHint = ({message}: Error, {hosts: [{host, port}]}: RedisServers): string | undefined =>
  message.startsWith('CLUSTERDOWN') || message === clusterDown
    ? `redis-cli --cluster check ${host}:${port}`
    : undefined;

const pingHint = ({hosts: [{host, port}], tls}: RedisServers): string =>
  `check the store's URL, and the server: redis-cli -h ${host} -p ${port}${tls ? ' --tls' : ''} ping`;

const reasonOf = (error: Error | undefined): string => (error === undefined ? '' : `: ${error.message}`);

/** Returns the error of the last node, if a cluster's client hides it. */
function causeOf(error: Error): Error {
  const {lastNodeError} = error as Error & {readonly lastNodeError?: Error};
  return lastNodeError ?? error;
}
