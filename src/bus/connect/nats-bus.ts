import {createInbox, type Msg, type NatsConnection, type NatsError} from 'nats';
import {type GatectlError, PermissionError, UnreachableError} from '../../base/errors.js';
import type {Bus, BusMessage, BusStatus, BusSubscription} from '../bus.js';
import {checkMessageSize} from '../rpc/message-check.js';
import type {ReconnectBackoff} from './adapt-reconnecting.js';
import type {BusOptions} from './bus-options.js';
import {isCredentialsRefusedCode} from './try-servers-in-turn.js';

type Denial = {readonly operation: 'publish' | 'subscribe'; readonly subject: string};

/** Internals of the `nats` package. */
interface Inside {
  readonly protocol?: {
    /** Last phase of a drain: subscriptions are closed and publishes are flushed. */
    readonly noMorePublishing: boolean;
    readonly transport?: {isEncrypted(): boolean};
  };
  readonly options?: {readonly inboxPrefix?: string};
}

interface NatsBusOptions extends Pick<BusOptions, 'giveUpAfterMs' | 'notice' | 'jsDomain' | 'jsApiPrefix'> {
  readonly backoff: ReconnectBackoff;
}

/**
 * A bus that uses the `nats` package. Publishing while disconnected throws, because the package would silently lose
 * the message.
 */
export class NatsBus implements Bus {
  failure: GatectlError | undefined;
  private status: BusStatus = 'connected';
  private lostAt = 0;
  private givingUp: NodeJS.Timeout | undefined;
  private readonly inside: Inside;
  private readonly statusListeners = new Set<(status: BusStatus) => void>();
  private readonly denialListeners = new Set<(denial: Denial) => void>();
  private closing: Promise<void> | undefined;

  constructor(
    /** Used by other modules of this room. */
    readonly connection: NatsConnection,
    readonly server: string,
    private readonly options: NatsBusOptions,
  ) {
    this.inside = connection as unknown as Inside;
    void this.followStatus();
    void connection.closed().then((error) => this.ended(error instanceof Error ? error : undefined));
  }

  private get isUp(): boolean {
    return this.status === 'connected' || this.status === 'reconnected';
  }

  get connected(): boolean {
    return this.isUp && this.inside.protocol?.noMorePublishing !== true;
  }

  get maxPayloadBytes(): number {
    return this.connection.info?.max_payload ?? 1024 * 1024;
  }

  get serverVersion(): string {
    return this.connection.info?.version ?? '';
  }

  get isEncrypted(): boolean {
    return this.inside.protocol?.transport?.isEncrypted() ?? false;
  }

  /** Returns the JetStream API prefix; undefined for the default. */
  get jsApiPrefix(): string | undefined {
    const {jsDomain, jsApiPrefix} = this.options;
    return jsApiPrefix ?? (jsDomain === undefined ? undefined : `$JS.${jsDomain}.API`);
  }

  newInbox(): string {
    return createInbox(this.inside.options?.inboxPrefix);
  }

  publish(subject: string, data: Uint8Array, reply?: string, lent = false): void {
    if (!this.connected) throw this.isDown();
    checkMessageSize(data, this.maxPayloadBytes);
    // the package sends these bytes later, without copying them
    this.connection.publish(subject, lent ? Buffer.from(data) : data, reply === undefined ? {} : {reply});
  }

  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    options: {
      readonly queue?: string | undefined;
      readonly onDenied?: ((error: Error) => void) | undefined;
    } = {},
  ): BusSubscription {
    const callback = (error: NatsError | null, message: Msg): void => {
      if (error !== null) options.onDenied?.(error);
      else handler(asBusMessage(message));
    };
    if (this.connection.isClosed() || this.connection.isDraining()) throw this.isDown();
    const subscription = this.connection.subscribe(
      subject,
      options.queue === undefined ? {callback} : {callback, queue: options.queue},
    );
    return {unsubscribe: () => subscription.unsubscribe()};
  }

  async flush(): Promise<void> {
    try {
      await this.connection.flush();
    } catch (cause) {
      throw this.isDown(cause);
    }
  }

  onStatus(listener: (status: BusStatus) => void): () => void {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  }

  onDenied(listener: (denial: Denial) => void): () => void {
    this.denialListeners.add(listener);
    return () => this.denialListeners.delete(listener);
  }

  close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  private isDown(cause?: unknown): UnreachableError {
    return new UnreachableError(`the connection to NATS at ${this.server} is down`, {cause});
  }

  private async drain(): Promise<void> {
    if (this.connection.isClosed()) return;
    if (!this.isUp) return await this.connection.close();
    try {
      await this.connection.drain();
    } catch {
      await this.connection.close(); // the connection broke during the drain
    }
  }

  private async followStatus(): Promise<void> {
    for await (const {type, data, permissionContext} of this.connection.status() as AsyncIterable<{
      readonly type: string;
      readonly data: unknown;
      readonly permissionContext?: Denial;
    }>) {
      if (type === 'disconnect') this.changed('disconnected');
      else if (type === 'reconnect') this.changed('reconnected');
      else if (type === 'error' && permissionContext !== undefined) this.denied(permissionContext);
      else if (type === 'error' && isCredentialsRefusedCode(data)) this.changed('refused');
      else if (type === 'error') this.deniedIn(String(data));
    }
  }

  /**
   * Emits a status change. The package reports every failed attempt, and a reconnect once for each of them, so
   * repeats are left out.
   */
  private changed(status: BusStatus): void {
    const isNews = {
      connected: false,
      disconnected: this.isUp,
      refused: this.status === 'disconnected',
      reconnected: !this.isUp && this.status !== 'closed',
      closed: this.status !== 'closed',
    }[status];
    if (!isNews) return;
    this.status = status;
    if (status === 'disconnected') this.lost();
    if (status === 'reconnected' || status === 'closed') clearTimeout(this.givingUp);
    if (status === 'reconnected') this.options.backoff.connected();
    const line = statusLine(status, this.server, performance.now() - this.lostAt);
    if (line !== undefined) this.options.notice?.(line);
    for (const listener of this.statusListeners) listener(status);
  }

  private lost(): void {
    const {backoff, giveUpAfterMs} = this.options;
    this.lostAt = performance.now();
    backoff.lost();
    if (giveUpAfterMs !== undefined)
      this.givingUp = setTimeout(() => this.giveUp(giveUpAfterMs), giveUpAfterMs);
  }

  private giveUp(afterMs: number): void {
    const after = `after ${afterMs / 1000} s without a connection`;
    this.failure =
      this.status === 'refused'
        ? new PermissionError(`gave up ${after}: NATS at ${this.server} refuses the credentials`)
        : new UnreachableError(`gave up ${after}: cannot reach NATS at ${this.server}`);
    void this.connection.close();
  }

  private ended(cause: Error | undefined): void {
    if (this.closing === undefined) this.failure ??= this.isDown(cause);
    this.changed('closed');
  }

  private denied(denial: Denial): void {
    for (const listener of this.denialListeners) listener(denial);
  }

  private deniedIn(text: string): void {
    const match = /permissions violation for (publish|subscription) to "([^"]+)"/i.exec(text);
    if (match?.[2] === undefined) return;
    this.denied({operation: match[1] === 'publish' ? 'publish' : 'subscribe', subject: match[2]});
  }
}

function asBusMessage(message: Msg): BusMessage {
  return {
    subject: message.subject,
    reply: message.reply,
    data: message.data,
    noResponders: message.data.length === 0 && message.headers?.code === 503,
  };
}

/** Describes a connection change in one line. Returns undefined for `closed`, which has an error of its own. */
function statusLine(status: BusStatus, server: string, lostForMs: number): string | undefined {
  switch (status) {
    case 'disconnected':
      return `lost the connection to NATS at ${server}: reconnecting`;
    case 'refused':
      return `NATS at ${server} refused the credentials: trying again`;
    case 'reconnected':
      return `reconnected to NATS at ${server} after ${(lostForMs / 1000).toFixed(1)} s`;
    default:
      return undefined;
  }
}
