import {encodeSession} from '../session/codec/session-protobuf.js';
import {randomId} from '../session/random-id.js';
import {type GuestRule, isGuest, type Session, type StringBag, stringBag} from '../session/session.js';
import type {SessionGate, SessionGates} from './session-gate.js';

/**
 * A client's session as a backend module sees it: mqant's `gate.Session`. The fields are a copy, as recent as
 * the last call that returned one; the gate has the truth. Calls reject with NoSessionError once the
 * connection is closed.
 */
export class RemoteSession {
  readonly #gates: SessionGates;
  #copy: Session;
  /** Settings that were changed locally and not pushed yet. */
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
  /** Topic of the client's request that carried this session. */
  get topic(): string {
    return this.#copy.topic;
  }
  get settings(): StringBag {
    return this.#copy.settings;
  }

  /** Sends to the client. Resolves when the gate has passed the message to the connection. */
  async send(topic: string, body: string | Uint8Array): Promise<void> {
    await (await this.#gate()).send(this.sessionId, topic, bytesOf(body));
  }

  /**
   * Sends to the client without waiting for a reply. Rejects only if the message can't be published on the
   * bus.
   */
  async sendNR(topic: string, body: string | Uint8Array): Promise<void> {
    (await this.#gate()).sendNoReply(this.sessionId, topic, bytesOf(body));
  }

  /** Sends to many clients of this session's gate. Resolves with the number that the gate passed it to. */
  async sendBatch(sessionIds: readonly string[], topic: string, body: string | Uint8Array): Promise<number> {
    return (await this.#gate()).sendBatch(sessionIds, topic, bytesOf(body));
  }

  /** Sends to every client of this session's gate. Resolves with the number that the gate passed it to. */
  async broadcast(topic: string, body: string | Uint8Array): Promise<number> {
    return (await this.#gate()).broadcast(topic, bytesOf(body));
  }

  /**
   * Binds the connection to a user. The user's stored settings are merged in; the connection's own settings
   * win.
   */
  async bind(userId: string): Promise<void> {
    this.#adopt(await (await this.#gate()).bind(this.sessionId, userId));
  }

  /** Removes the user id from the connection. Its settings stay. */
  async unbind(): Promise<void> {
    this.#adopt(await (await this.#gate()).unbind(this.sessionId));
  }

  /** Returns the value in the local copy, or an empty string if there is none; `load` tells the two apart. */
  get(key: string): string {
    return this.#copy.settings[key] ?? '';
  }

  load(key: string): string | undefined {
    return this.#copy.settings[key];
  }

  /** Sets one setting on the gate. */
  async set(key: string, value: string): Promise<void> {
    const session = await (await this.#gate()).set(this.sessionId, key, value);
    this.#unpushed.delete(key);
    this.#adopt(session);
  }

  /** Changes the local copy only, until the next push. */
  setLocal(key: string, value: string): void {
    this.#unpushed.set(key, value);
    this.#adopt(this.#copy);
  }

  /** Sets one setting and pushes it, together with earlier local changes. */
  async setPush(key: string, value: string): Promise<void> {
    this.setLocal(key, value);
    await this.push();
  }

  /** Sets many settings on the gate in one call. */
  async setBatch(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#push(Object.entries(settings));
  }

  /**
   * Pushes local changes, and updates the copy with the gate's newest state. Sends the changed keys only;
   * mqant sends its whole copy, which can undo what others wrote meanwhile.
   */
  async push(): Promise<void> {
    if (this.#unpushed.size === 0) return this.update();
    await this.#push([...this.#unpushed]);
  }

  async #push(settings: readonly (readonly [string, string])[]): Promise<void> {
    const session = await (await this.#gate()).push(this.sessionId, stringBag(settings));
    for (const [key, value] of settings) {
      // a key that changed again during the push stays unpushed
      if (this.#unpushed.get(key) === value) this.#unpushed.delete(key);
    }
    this.#adopt(session);
  }

  /** Removes one setting on the gate. A missing key is not an error. */
  async remove(key: string): Promise<void> {
    const session = await (await this.#gate()).remove(this.sessionId, key);
    this.#unpushed.delete(key);
    this.#adopt(session);
  }

  /** Updates the copy with the gate's newest state. */
  async update(): Promise<void> {
    this.#adopt(await (await this.#gate()).update(this.sessionId));
  }

  /** Asks the gate to close the connection. A stock gate replies before the connection is closed. */
  async close(): Promise<void> {
    await (await this.#gate()).close(this.sessionId);
  }

  /** Returns whether this session's gate holds a connection of the user. */
  async isConnect(userId: string = this.userId): Promise<boolean> {
    return (await this.#gate()).isConnect(userId);
  }

  /** Applies the rule of `judgeGuest`, else the module's, else the process's, else mqant's (no user id). */
  isGuest(): boolean {
    return isGuest(this.#copy, this.#guestRule ?? this.#gates.guestRule);
  }

  /** Sets a guest rule for this session. Its clones inherit it, unlike in mqant. */
  judgeGuest(rule: GuestRule): void {
    this.#guestRule = rule;
  }

  /** Starts a new trace for everything that this session sends from now on. */
  createTrace(): void {
    this.#copy = {...this.#copy, traceId: randomId(), spanId: randomId()};
  }

  /** Returns an independent copy, in the same trace under a new span. */
  clone(): RemoteSession {
    const settings = stringBag(Object.entries(this.#copy.settings));
    const clone = new RemoteSession({...this.#copy, settings, spanId: randomId()}, this.#gates);
    clone.#guestRule = this.#guestRule;
    return clone;
  }

  /** Returns the protobuf bytes (mqant's `Serializable`) that `restoreSession` of any module reads. */
  serialize(): Uint8Array {
    return encodeSession(this.#copy);
  }

  #gate(): Promise<SessionGate> {
    return this.#gates.gateOf(this.serverId);
  }

  /** Keeps the trace, topic and carrier: they belong to the request, not to the connection. */
  #adopt(session: Session): void {
    const {traceId, spanId, topic, carrier} = this.#copy;
    const settings = stringBag([...Object.entries(session.settings), ...this.#unpushed]);
    this.#copy = {...session, settings, traceId, spanId, topic, carrier};
  }
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}
