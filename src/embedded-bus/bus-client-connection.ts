import type {Socket} from 'node:net';
import type {BusLimits} from './bus-limits.js';
import {ClientOutbox} from './client-outbox.js';
import {type ConnectOptions, defaultConnectOptions, parseConnectOptions} from './connect-options.js';
import {NatsParser, type ProtocolHandler} from './nats-parser.js';
import {NatsProtocolError} from './protocol-error.js';
import type {PublishFrame} from './publish-frame.js';
import type {SubjectRouter} from './subject-router.js';
import {isSubscribeSubject} from './subjects.js';
import {type BusClient, Subscription} from './subscription.js';

interface ClientParts {
  readonly socket: Socket;
  readonly router: SubjectRouter;
  readonly limits: BusLimits;
  /** Requests that `flush` is called at the end of this turn of the event loop. */
  readonly wake: (client: BusClientConnection) => void;
  readonly onClose: (client: BusClientConnection) => void;
}

/** A connected client: handles the lines it sends. An error in one client never affects others. */
export class BusClientConnection implements ProtocolHandler, BusClient {
  isClosed = false;
  private options: ConnectOptions = defaultConnectOptions;
  private readonly outbox: ClientOutbox;
  private readonly parser: NatsParser;
  private readonly pause: PublisherPause;
  private readonly subscriptions = new Map<string, Subscription>();
  private isAwake = false;
  private unansweredPings = 0;

  constructor(private readonly parts: ClientParts) {
    const {socket, limits} = parts;
    this.outbox = new ClientOutbox(socket);
    this.parser = new NatsParser(this, limits);
    this.pause = new PublisherPause(socket, limits.maxPauseMs);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  get echo(): boolean {
    return this.options.echo;
  }

  get headers(): boolean {
    return this.options.headers;
  }

  get wantsNoResponders(): boolean {
    return this.options.noResponders;
  }

  connect(json: string): void {
    this.options = parseConnectOptions(json);
    this.ok();
  }

  publish(frame: PublishFrame): void {
    if (this.isClosed) return;
    if (this.parts.router.publish(frame, this)) this.ok();
    else this.refuse('Invalid Publish Subject');
  }

  subscribe(words: readonly string[]): void {
    const [subject = '', second, third] = words;
    const sid = words.length === 3 ? third : second;
    if (sid === undefined || words.length > 3) throw new NatsProtocolError('Unknown Protocol Operation');
    if (!isSubscribeSubject(subject)) return this.refuse('Invalid Subject');
    if (this.subscriptions.size >= this.parts.limits.maxSubscriptions) {
      return this.refuse('maximum subscriptions exceeded');
    }
    if (!this.subscriptions.has(sid)) {
      const subscription = new Subscription(this, subject, words.length === 3 ? (second ?? '') : '', sid);
      this.subscriptions.set(sid, subscription);
      this.parts.router.add(subscription);
    }
    this.ok();
  }

  unsubscribe(words: readonly string[]): void {
    const [sid, max = '0'] = words;
    if (sid === undefined || words.length > 2 || !/^\d{1,9}$/.test(max)) {
      throw new NatsProtocolError('Unknown Protocol Operation');
    }
    const subscription = this.subscriptions.get(sid);
    if (subscription !== undefined) {
      subscription.max = Number(max);
      if (subscription.max === 0 || subscription.isSpent) this.drop(subscription);
    }
    this.ok();
  }

  ping(): void {
    this.line('PONG\r\n');
  }

  pong(): void {
    this.unansweredPings = 0;
  }

  /** Sends a ping. Disconnects the client instead if the last two pings are unanswered. */
  keepAlive(): void {
    if (this.unansweredPings >= 2) return this.end('Stale Connection');
    this.unansweredPings += 1;
    this.line('PING\r\n');
  }

  drop(subscription: Subscription): void {
    if (this.subscriptions.delete(subscription.sid)) this.parts.router.remove(subscription);
  }

  line(text: string): void {
    if (this.isClosed) return;
    this.outbox.text(text);
    this.requestFlush();
  }

  message(head: Buffer, bytes: Buffer, from: number, to: number): void {
    this.outbox.append(head, bytes, from, to);
    this.requestFlush();
  }

  holdBack(publisher: BusClient): void {
    const {maxPendingBytes} = this.parts.limits;
    const pending = this.outbox.pendingBytes;
    if (pending > maxPendingBytes) this.close();
    else if (pending > maxPendingBytes / 4) publisher.pauseFor(this.parts.socket);
  }

  pauseFor(consumer: Socket): void {
    this.pause.untilDrained(consumer);
  }

  flush(): void {
    this.isAwake = false;
    if (!this.isClosed) this.outbox.flush();
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.pause.end();
    for (const subscription of this.subscriptions.values()) this.parts.router.remove(subscription);
    this.subscriptions.clear();
    this.parts.socket.destroy();
    this.parts.onClose(this);
  }

  private receive(chunk: Buffer): void {
    if (this.isClosed) return;
    this.unansweredPings = 0;
    try {
      this.parser.push(chunk);
    } catch (error) {
      if (!(error instanceof NatsProtocolError)) throw error;
      this.end(error.message);
    }
  }

  private ok(): void {
    if (this.options.verbose) this.line('+OK\r\n');
  }

  private refuse(reason: string): void {
    this.line(`-ERR '${reason}'\r\n`);
  }

  /** Sends the error line, then closes the connection. */
  private end(reason: string): void {
    this.refuse(reason);
    this.outbox.flush();
    this.parts.socket.end(() => this.close());
    this.parts.socket.removeAllListeners('data').resume();
  }

  private requestFlush(): void {
    if (this.isAwake) return;
    this.isAwake = true;
    this.parts.wake(this);
  }
}

/** Pauses reading from a publisher until a slow consumer has caught up. */
class PublisherPause {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly maxMs: number,
  ) {}

  /** Pauses until the consumer's queue is empty, but at most for `maxMs`. */
  untilDrained(consumer: Socket): void {
    if (this.timer !== undefined) return;
    const resume = () => {
      consumer.off('drain', resume);
      this.end();
      this.socket.resume();
    };
    this.socket.pause();
    this.timer = setTimeout(resume, this.maxMs);
    consumer.once('drain', resume);
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
