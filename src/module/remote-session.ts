import {NoSessionError, UsageError} from '../base/errors.js';
import {encodeSession} from '../session/codec/session-protobuf.js';
import {type DeliveryOutcome, maxDeliverWaitMs} from '../session/gate-api.js';
import {UnsupportedError} from '../session/node-kind.js';
import {randomId} from '../session/random-id.js';
import {type GuestRule, isGuest, type Session, type StringBag, stringBag} from '../session/session.js';
import type {SessionGate, SessionGates} from './session-gate.js';

/** Options of a message with QoS 1. */
export interface SendOptions {
  readonly qos: 1;
  /** How long to wait for the client's PUBACK: 1 to 60,000 milliseconds (default 5,000). */
  readonly waitMs?: number | undefined;
}

/**
 * What became of a message with QoS 1. `acknowledged`: the client sent a PUBACK. `unacknowledged`: sent, but without a
 * PUBACK in time; the message may have arrived. `refused`: the client sent a PUBACK with an error code. `unsent`: the
 * gate sent nothing. `unsupported`: the gate cannot send with QoS 1, as a stock mqant gate, and sent nothing.
 */
export interface SendOutcome {
  readonly state: Exclude<DeliveryOutcome['state'], 'gone'> | 'unsupported';
  /** Why the message was not acknowledged. */
  readonly detail?: string | undefined;
}

const defaultAckWaitMs = 5_000;

/**
 * A client's session in a backend module: mqant's `gate.Session`. The fields are a copy, as of the last call that
 * returned a session; only the gate has the current state. Calls reject with NoSessionError once the connection is
 * closed.
 */
export class RemoteSession {
  readonly #gates: SessionGates;
  #copy: Session;
  /** Settings that were changed locally and not yet pushed. */
  readonly #unpushed = new Map<string, string>();
  #guestRule: GuestRule | undefined;

  constructor(copy: Session, gates: SessionGates) {
    this.#copy = copy;
    this.#gates = gates;
  }

  get userId(): string {
    return this.#copy.userId;
  }
  get ip(): string {
    return this.#copy.ip;
  }
  get network(): string {
    return this.#copy.network;
  }
  get sessionId(): string {
    return this.#copy.sessionId;
  }
  get serverId(): string {
    return this.#copy.serverId;
  }
  get traceId(): string {
    return this.#copy.traceId;
  }
  get spanId(): string {
    return this.#copy.spanId;
  }
  /** Topic of the client's request that contained this session. */
  get topic(): string {
    return this.#copy.topic;
  }
  get settings(): StringBag {
    return this.#copy.settings;
  }

  /** Sends a message to the client. Resolves when the gate has handed it to the connection. */
  async send(topic: string, body: string | Uint8Array): Promise<void>;
  /**
   * Sends a message with QoS 1, once. Resolves when the client has acknowledged it, or with the reason why not.
   * Rejects with OutcomeUnknownError if the gate does not reply.
   */
  async send(topic: string, body: string | Uint8Array, options: SendOptions): Promise<SendOutcome>;
  // biome-ignore lint/suspicious/noConfusingVoidType: without options, there is no outcome
  async send(topic: string, body: string | Uint8Array, options?: SendOptions): Promise<SendOutcome | void> {
    if (options !== undefined) return this.#deliver(topic, bytesOf(body), ackWaitOf(options));
    await (await this.#gate()).send(this.sessionId, topic, bytesOf(body));
  }

  async #deliver(topic: string, body: Uint8Array, waitMs: number): Promise<SendOutcome> {
    const gate = await this.#gate();
    try {
      const [outcome] = await gate.deliver({sessions: [this.sessionId], topic, waitMs}, body);
      if (outcome === undefined || outcome.state === 'gone') throw new NoSessionError(this.sessionId);
      return {...outcome, state: outcome.state};
    } catch (error) {
      if (error instanceof UnsupportedError) return {state: 'unsupported', detail: error.message};
      throw error;
    }
  }

  /**
   * Sends a message to the client without waiting for a reply. Rejects only if the message can't be published on the
   * bus.
   */
  async sendNR(topic: string, body: string | Uint8Array): Promise<void> {
    (await this.#gate()).sendNoReply(this.sessionId, topic, bytesOf(body));
  }

  /**
   * Sends a message to several clients of this session's gate. Resolves with the number of clients it was handed to.
   */
  async sendBatch(sessionIds: readonly string[], topic: string, body: string | Uint8Array): Promise<number> {
    return (await this.#gate()).sendBatch(sessionIds, topic, bytesOf(body));
  }

  /** Sends a message to every client of this session's gate. Resolves with the number of clients it was handed to. */
  async broadcast(topic: string, body: string | Uint8Array): Promise<number> {
    return (await this.#gate()).broadcast(topic, bytesOf(body));
  }

  /**
   * Binds the connection to a user. Merges in the settings of the user's record; on a conflict the connection's value
   * wins.
   */
  async bind(userId: string): Promise<void> {
    this.#adopt(await (await this.#gate()).bind(this.sessionId, userId));
  }

  /** Removes the user id from the connection. Its settings stay. */
  async unbind(): Promise<void> {
    this.#adopt(await (await this.#gate()).unbind(this.sessionId));
  }

  /** Returns a setting in the local copy; empty if there is none. `load` distinguishes the two. */
  get(key: string): string {
    return this.#copy.settings[key] ?? '';
  }

  load(key: string): string | undefined {
    return this.#copy.settings[key];
  }

  /** Sets a setting on the gate. */
  async set(key: string, value: string): Promise<void> {
    const session = await (await this.#gate()).set(this.sessionId, key, value);
    this.#unpushed.delete(key);
    this.#adopt(session);
  }

  /** Changes a setting in the local copy only, until the next push. */
  setLocal(key: string, value: string): void {
    this.#unpushed.set(key, value);
    this.#adopt(this.#copy);
  }

  /** Changes a setting and pushes it, together with earlier local changes. */
  async setPush(key: string, value: string): Promise<void> {
    this.setLocal(key, value);
    await this.push();
  }

  /** Sets several settings on the gate in one call. */
  async setBatch(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#push(Object.entries(settings));
  }

  /**
   * Pushes local changes, and updates the copy with the gate's current state. Sends only changed keys; mqant sends
   * its whole copy, which can undo what others have written meanwhile.
   */
  async push(): Promise<void> {
    if (this.#unpushed.size === 0) return this.update();
    await this.#push([...this.#unpushed]);
  }

  async #push(settings: readonly (readonly [string, string])[]): Promise<void> {
    const session = await (await this.#gate()).push(this.sessionId, stringBag(settings));
    for (const [key, value] of settings) {
      // a key that was changed again during the push stays unpushed
      if (this.#unpushed.get(key) === value) this.#unpushed.delete(key);
    }
    this.#adopt(session);
  }

  /** Removes a setting on the gate. Succeeds if there is no such setting. */
  async remove(key: string): Promise<void> {
    const session = await (await this.#gate()).remove(this.sessionId, key);
    this.#unpushed.delete(key);
    this.#adopt(session);
  }

  /** Updates the copy with the gate's current state. */
  async update(): Promise<void> {
    this.#adopt(await (await this.#gate()).update(this.sessionId));
  }

  /** Closes the connection. A stock gate replies before it has closed it. */
  async close(): Promise<void> {
    await (await this.#gate()).close(this.sessionId);
  }

  /** Resolves with true if the user has a connection on this session's gate. */
  async isConnect(userId: string = this.userId): Promise<boolean> {
    return (await this.#gate()).isConnect(userId);
  }

  /**
   * Applies the rule set with `judgeGuest`, else that of the module, else that of the process, else mqant's (no user
   * id).
   */
  isGuest(): boolean {
    return isGuest(this.#copy, this.#guestRule ?? this.#gates.guestRule);
  }

  /** Sets a guest rule for this session. Unlike in mqant, clones inherit it. */
  judgeGuest(rule: GuestRule): void {
    this.#guestRule = rule;
  }

  /** Starts a new trace for everything that this session sends from now on. */
  createTrace(): void {
    this.#copy = {...this.#copy, traceId: randomId(), spanId: randomId()};
  }

  /** Returns an independent copy in the same trace, with a new span. */
  clone(): RemoteSession {
    const settings = stringBag(Object.entries(this.#copy.settings));
    const clone = new RemoteSession({...this.#copy, settings, spanId: randomId()}, this.#gates);
    clone.#guestRule = this.#guestRule;
    return clone;
  }

  /** Returns protobuf bytes (mqant's `Serializable`) that `restoreSession` in any module can read. */
  serialize(): Uint8Array {
    return encodeSession(this.#copy);
  }

  #gate(): Promise<SessionGate> {
    return this.#gates.gateOf(this.serverId);
  }

  /** Replaces the copy. Keeps its trace, topic and carrier, which belong to the request, not to the connection. */
  #adopt(session: Session): void {
    const {traceId, spanId, topic, carrier} = this.#copy;
    const settings = stringBag([...Object.entries(session.settings), ...this.#unpushed]);
    this.#copy = {...session, settings, traceId, spanId, topic, carrier};
  }
}

/** Returns how long to wait for the PUBACK. Throws UsageError. */
function ackWaitOf({qos, waitMs = defaultAckWaitMs}: SendOptions): number {
  if (qos !== 1) throw new UsageError(`invalid QoS "${String(qos)}": expected 1, or no options for QoS 0`);
  if (waitMs >= 1 && waitMs <= maxDeliverWaitMs) return waitMs;
  throw new UsageError(`invalid waitMs "${waitMs}": expected 1 to ${maxDeliverWaitMs} milliseconds`);
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}
