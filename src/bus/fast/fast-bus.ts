import {connect, type Socket} from 'node:net';
import {afterTimeout, settlesWithinMs} from '../../base/abort-signals.js';
import {UnreachableError} from '../../base/errors.js';
import {randomHex} from '../../base/random.js';
import type {Bus, BusMessage, BusStatus, BusSubscription} from '../bus.js';
import {checkMessageSize} from '../rpc/message-check.js';
import {type ServerEvents, type ServerMessage, ServerProtocolError, ServerReader} from './server-reader.js';
import {ServerWriter} from './server-writer.js';

interface FastBusOptions {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly name: string;
  readonly version: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  readonly inboxPrefix: string;
  /** Address for messages, without credentials. */
  readonly server: string;
}

/** Thrown if connecting fails. `code` is the same as in the `nats` package, where that has one. */
export class FastConnectFailure extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'FastConnectFailure';
  }
}

interface ServerInfo {
  readonly version?: string;
  readonly max_payload?: number;
  readonly tls_required?: boolean;
}

interface PlainSubscription {
  readonly subject: string;
  readonly handler: (message: BusMessage) => void;
  readonly onDenied: ((error: Error) => void) | undefined;
}

type Denial = Parameters<Parameters<Bus['onDenied']>[0]>[0];

const readBytes = 1024 * 1024;
/** How long to wait for the server to confirm a flush, in milliseconds. */
const drainMs = 1000;

/** Connects over plain TCP. Rejects with FastConnectFailure; the code `TLS` means that the server requires TLS. */
export function connectFastBus(options: FastBusOptions): Promise<Bus> {
  return new Promise((resolve, reject) => {
    const bus = new PlainBus(options, () => resolve(bus), reject);
  });
}

/**
 * A bus over one TCP connection without reconnecting, for short commands: it starts in a fraction of the time that
 * the `nats` package needs to load and connect. NatsBus is used for everything else (TLS, keys, reconnecting).
 */
class PlainBus implements Bus, ServerEvents {
  connected = false;
  serverVersion = '';
  readonly isEncrypted = false;
  failure: UnreachableError | undefined;
  maxPayloadBytes = 1024 * 1024;
  readonly server: string;
  private readonly socket: Socket;
  private readonly writer: ServerWriter;
  private readonly subscriptions = new Map<number, PlainSubscription>();
  private readonly pongs: (() => void)[] = [];
  private readonly statusListeners = new Set<(status: BusStatus) => void>();
  private readonly denialListeners = new Set<(denial: Denial) => void>();
  private readonly stopDeadline: () => void;
  private lastSid = 0;
  /** Reply subject of the last published message; empty if it has none. */
  private lastReplySubject: string | undefined;
  private lastReceivedSubject = '';
  private isOver = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly options: FastBusOptions,
    private readonly onReady: () => void,
    private readonly onFailure: (error: FastConnectFailure) => void,
  ) {
    const {host, port, timeoutMs} = options;
    this.server = options.server;
    const reader = new ServerReader(this);
    this.socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (size, bytes) => this.onBytes(reader, Buffer.from(bytes.buffer, bytes.byteOffset, size)),
      },
    });
    this.writer = new ServerWriter((bytes, sent) => void this.socket.write(bytes, sent));
    this.stopDeadline = afterTimeout(timeoutMs, () =>
      this.fail(new FastConnectFailure('TIMEOUT', 'deadline')),
    );
    this.socket.on('error', (cause: NodeJS.ErrnoException) => {
      const refused = cause.code === 'ECONNREFUSED';
      this.fail(
        new FastConnectFailure(
          refused ? 'CONNECTION_REFUSED' : (cause.code ?? ''),
          cause.message || String(cause.code),
          {
            cause,
          },
        ),
      );
    });
    this.socket.on('close', () => this.fail(new FastConnectFailure('', 'it closed the connection')));
  }

  newInbox(): string {
    return `${this.options.inboxPrefix}.${randomHex(12)}`;
  }

  publish(subject: string, data: Uint8Array, reply?: string): void {
    if (!this.connected) throw new UnreachableError(`the connection to NATS at ${this.server} is down`);
    checkMessageSize(data, this.maxPayloadBytes);
    this.lastReplySubject = reply ?? '';
    const to = reply === undefined ? subject : `${subject} ${reply}`;
    this.writer.publish(`PUB ${to} ${data.length}`, data);
  }

  subscribe(
    subject: string,
    handler: (message: BusMessage) => void,
    {queue, onDenied}: Parameters<Bus['subscribe']>[2] = {},
  ): BusSubscription {
    this.lastSid += 1;
    const sid = this.lastSid;
    this.subscriptions.set(sid, {subject, handler, onDenied});
    this.writer.line(`SUB ${queue === undefined ? subject : `${subject} ${queue}`} ${sid}`);
    return {
      unsubscribe: () => {
        if (this.subscriptions.delete(sid)) this.writer.line(`UNSUB ${sid}`);
      },
    };
  }

  flush(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOver) return resolve();
      this.pongs.push(resolve);
      this.writer.line('PING');
    });
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

  info(json: string): void {
    const {max_payload, tls_required, version: serverVersion} = infoOf(json);
    if (typeof serverVersion === 'string') this.serverVersion = serverVersion;
    if (typeof max_payload === 'number') this.maxPayloadBytes = max_payload;
    if (this.connected) return; // later INFOs announce cluster changes
    if (tls_required === true) return this.fail(new FastConnectFailure('TLS', 'the server requires TLS'));
    const {name, version, user, password, token} = this.options;
    const about = {verbose: false, pedantic: false, lang: 'gatectl', version, name, protocol: 1};
    const abilities = {headers: true, no_responders: true, echo: true};
    const credentials = {user, pass: user === undefined ? undefined : (password ?? ''), auth_token: token};
    this.writer.line(`CONNECT ${JSON.stringify({...about, ...abilities, ...credentials})}`);
    this.pongs.push(() => this.ready());
    this.writer.line('PING');
    this.writer.flush();
  }

  message({sid, subject, reply, header, data, owned}: ServerMessage): void {
    this.lastReceivedSubject = subject;
    const noResponders = data.length === 0 && header.startsWith('NATS/1.0 503');
    this.subscriptions.get(sid)?.handler({subject, reply, data, noResponders, owned});
  }

  ping(): void {
    this.writer.line('PONG');
  }

  pong(): void {
    this.pongs.shift()?.();
  }

  error(text: string): void {
    if (!this.connected) {
      const code = /auth/i.test(text) ? 'AUTHORIZATION_VIOLATION' : '';
      return this.fail(new FastConnectFailure(code, text.toLowerCase()));
    }
    const [, operation, subject] =
      /permissions violation for (publish|subscription) to "([^"]+)"/i.exec(text) ?? [];
    if (operation === undefined || subject === undefined) return; // any other error ends the connection
    const isPublish = operation.toLowerCase() === 'publish';
    for (const listener of this.denialListeners)
      listener({operation: isPublish ? 'publish' : 'subscribe', subject});
    if (isPublish) return;
    for (const [sid, subscription] of this.subscriptions) {
      if (subscription.subject !== subject) continue;
      this.subscriptions.delete(sid);
      subscription.onDenied?.(new Error(text));
    }
  }

  private ready(): void {
    this.stopDeadline();
    this.connected = true;
    this.onReady();
  }

  private onBytes(reader: ServerReader, bytes: Buffer): boolean {
    try {
      if (!this.isOver) reader.push(bytes);
    } catch (error) {
      if (!(error instanceof ServerProtocolError)) throw error;
      this.fail(new FastConnectFailure('', error.message, {cause: error}));
    }
    return true;
  }

  /** Ends the connection, for whatever reason. */
  private fail(failure: FastConnectFailure): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopDeadline();
    const wasConnected = this.connected;
    this.connected = false;
    this.destroyLater();
    for (const pong of this.pongs.splice(0)) if (wasConnected) pong();
    if (!wasConnected) return this.onFailure(failure);
    if (this.closing === undefined)
      this.failure = new UnreachableError(`the connection to NATS at ${this.server} is down`, {
        cause: failure,
      });
    for (const status of ['disconnected', 'closed'] as const)
      for (const listener of this.statusListeners) listener(status);
  }

  /**
   * Destroys the socket after a turn. If the command ends before that, the system closes the socket, which saves the
   * 1 ms that Node needs.
   */
  private destroyLater(): void {
    setImmediate(() => this.socket.destroy());
  }

  /**
   * Resolves when the server has received everything. If a reply to the last message has arrived, that is already
   * certain.
   */
  private async drain(): Promise<void> {
    if (this.isOver) return;
    this.subscriptions.clear();
    if (this.lastReplySubject !== undefined && this.lastReplySubject !== this.lastReceivedSubject) {
      const flushed = this.flush();
      this.writer.flush();
      await settlesWithinMs(drainMs, flushed);
    }
    this.fail(new FastConnectFailure('', 'closed'));
  }
}

function infoOf(json: string): ServerInfo {
  try {
    return JSON.parse(json) as ServerInfo;
  } catch (cause) {
    throw new ServerProtocolError('it sent an INFO that is not JSON', {cause});
  }
}
