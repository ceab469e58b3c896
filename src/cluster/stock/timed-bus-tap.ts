import {setTimeout as sleep} from 'node:timers/promises';
import {onAbort} from '../../base/abort-signals.js';
import {DecodeError} from '../../base/errors.js';
import type {Bus} from '../../bus/bus.js';
import {decodeCall, decodeResult} from '../../bus/rpc/envelope.js';
import {envelopeKind} from '../../bus/rpc/envelope-kind.js';
import {decodeSessionIdentity, type SessionIdentity} from '../../session/session-identity.js';
import {listenToBus, tappedSubjects} from '../trace/listen-to-bus.js';
import {isSessionType} from '../trace/naming/session-of-call.js';
import {EventQueue} from '../watch/event-queue.js';

export interface TimedTapDeps {
  /** Opens a separate connection to the bus. */
  readonly openTap: () => Promise<Bus>;
  readonly inboxPrefix: string | undefined;
}

/** Maximum number of sessions kept. */
const maxSessions = 200_000;

/**
 * Collects sessions from bus traffic (clients' requests and gates' replies) for a limited time. Idle sessions are
 * missed. All readers share one subscription, which ends with the time or when no reader is left; the next reader
 * subscribes again.
 */
export class TimedBusTap {
  private readonly heard = new Map<string, SessionIdentity>();
  private readonly readers = new Set<EventQueue<SessionIdentity>>();
  private listening: Promise<void> | undefined;
  private early = new AbortController();
  private isTimeOver = false;

  constructor(
    private readonly parts: TimedTapDeps,
    private readonly tapMs: number,
  ) {}

  /**
   * Yields each session, and again when its uid changes. Rejects with PermissionError if NATS does not permit the
   * subscription.
   */
  async *sessions(signal?: AbortSignal): AsyncGenerator<SessionIdentity, void, undefined> {
    signal?.throwIfAborted();
    const queue = new EventQueue<SessionIdentity>(maxSessions);
    for (const identity of this.heard.values()) queue.put(identity);
    this.readers.add(queue);
    this.listening ??= this.listen();
    const stop = (): void => queue.end();
    void this.listening.then(stop, stop);
    const unlisten = signal === undefined ? undefined : onAbort(signal, stop);
    try {
      yield* queue;
      signal?.throwIfAborted();
      await this.listening;
    } finally {
      unlisten?.();
      this.readers.delete(queue);
      if (this.readers.size === 0) await this.endEarly();
    }
  }

  /** Ends the subscription. The next reader subscribes again, unless the time is over. */
  private async endEarly(): Promise<void> {
    const {listening} = this;
    this.early.abort();
    await listening?.catch(() => {}); // the reader already got the error
    if (!this.isTimeOver) {
      this.early = new AbortController();
      this.listening = undefined;
    }
  }

  private async listen(): Promise<void> {
    const {openTap, inboxPrefix} = this.parts;
    const denied = new AbortController();
    const ends = AbortSignal.any([denied.signal, this.early.signal]);
    const hear = ({data}: {readonly data: Uint8Array}): void => this.hear(data);
    const onDenied = (error: Error): void => denied.abort(error);
    const bus = await openTap();
    try {
      const own = inboxPrefix === undefined ? [] : [`${inboxPrefix}.>`];
      await listenToBus(bus, tappedSubjects([], own), {hear, onOptionalDenied: () => {}, onDenied});
      this.isTimeOver = await sleep(this.tapMs, true, {signal: ends}).catch(() => false);
      denied.signal.throwIfAborted();
    } finally {
      await bus.close();
    }
  }

  private hear(data: Uint8Array): void {
    for (const identity of sessionsInMessage(data)) {
      const before = this.heard.get(identity.id);
      if (before === undefined ? this.heard.size >= maxSessions : before.uid === identity.uid) continue;
      this.heard.set(identity.id, identity);
      for (const reader of this.readers) reader.put(identity);
    }
  }
}

/** Returns the sessions in a message; none if it is not an envelope or contains no readable session. */
export function sessionsInMessage(bytes: Uint8Array): SessionIdentity[] {
  try {
    return sessionBytes(bytes)
      .map(decodeSessionIdentity)
      .filter(({id}) => id !== '');
  } catch (error) {
    if (error instanceof DecodeError) return [];
    throw error;
  }
}

function sessionBytes(bytes: Uint8Array): Uint8Array[] {
  switch (envelopeKind(bytes)) {
    case 'call': {
      const {argsType, args} = decodeCall(bytes);
      return args.filter((_bytes, at) => isSessionType(argsType[at] ?? ''));
    }
    case 'result': {
      const {resultType, result} = decodeResult(bytes);
      return isSessionType(resultType) ? [result] : [];
    }
    default:
      return [];
  }
}
