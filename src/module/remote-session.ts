import {encodeSession} from '../session/codec/session-protobuf.js';
import {randomId} from '../session/random-id.js';
import {type GuestRule, isGuest, type Session, type StringBag, stringBag} from '../session/session.js';
import type {SessionGate, SessionGates} from './session-gate.js';

/**
 * A client's session as a backend holds it: mqant's `gate.Session`. The fields are a copy, as old as the last call
 * that gave one; the gate is the authority. Calls reject with NoSessionError once the connection is gone.
 */
export class RemoteSession {
  readonly #home: SessionGates;
  #copy: Session;
  /** Settings that were changed here and not yet pushed. */
  readonly #unpushed = new Map<string, string>();
  #guestRule: GuestRule | undefined;

  constructor(copy: Session, home: SessionGates) {
    this.#copy = copy;
    this.#home = home;
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
  /** Topic of the client's request that this session came with. */
  get topic(): string {
    return this.#copy.topic;
  }
  get settings(): StringBag {
    return this.#copy.settings;
  }

  /** Sends to the client, and waits until the gate has handed it to the connection. */
  async send(topic: string, body: string | Uint8Array): Promise<void> {
    await (await this.#gate()).send(this.sessionId, topic, bytesOf(body));
  }

  /** Sends to the client without asking how it went. Rejects only when it could not be put on the bus. */
  async sendNR(topic: string, body: string | Uint8Array): Promise<void> {
    (await this.#gate()).sendNoReply(this.sessionId, topic, bytesOf(body));
  }

  /** Sends to many clients of this session's gate; resolves with how many the gate could hand it to. */
  async sendBatch(sessionIds: readonly string[], topic: string, body: string | Uint8Array): Promise<number> {
    return (await this.#gate()).sendBatch(sessionIds, topic, bytesOf(body));
  }

  /** Sends to every client of this session's gate; resolves with how many the gate could hand it to. */
  async broadcast(topic: string, body: string | Uint8Array): Promise<number> {
    return (await this.#gate()).broadcast(topic, bytesOf(body));
  }

  /** Ties the connection to a user; stored settings of that user join, and those of the connection win. */
  async bind(userId: string): Promise<void> {
    this.#adopt(await (await this.#gate()).bind(this.sessionId, userId));
  }

  /** Makes the connection a guest's again. Its settings stay. */
  async unbind(): Promise<void> {
    this.#adopt(await (await this.#gate()).unbind(this.sessionId));
  }

  /** The copy's value, empty when there is none; `load` tells the two apart. */
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

  /** Changes the copy only, until the next push. */
  setLocal(key: string, value: string): void {
    this.#unpushed.set(key, value);
    this.#adopt(this.#copy);
  }

  /** Sets one setting here and pushes it, together with what was changed here before. */
  async setPush(key: string, value: string): Promise<void> {
    this.setLocal(key, value);
    await this.push();
  }

  /** Sets many settings on the gate in one call. */
  async setBatch(settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#push(Object.entries(settings));
  }

  /**
   * Pushes what was changed here, and takes the gate's newest state. Unlike mqant, which sends its whole copy and so
   * can undo what others wrote meanwhile, only the changed keys travel.
   */
  async push(): Promise<void> {
    if (this.#unpushed.size === 0) return this.update();
    await this.#push([...this.#unpushed]);
  }

  async #push(settings: readonly (readonly [string, string])[]): Promise<void> {
    const session = await (await this.#gate()).push(this.sessionId, stringBag(settings));
    for (const [key, value] of settings) {
      // changed again while the push was under way: that change is still to be pushed
      if (this.#unpushed.get(key) === value) this.#unpushed.delete(key);
    }
    this.#adopt(session);
  }

  /** Removes one setting on the gate. One that is not there is no error. */
  async remove(key: string): Promise<void> {
    const session = await (await this.#gate()).remove(this.sessionId, key);
    this.#unpushed.delete(key);
    this.#adopt(session);
  }

  /** Takes the gate's newest state. */
  async update(): Promise<void> {
    this.#adopt(await (await this.#gate()).update(this.sessionId));
  }

  /** Asks the gate to close the connection; a stock gate answers before it is closed. */
  async close(): Promise<void> {
    await (await this.#gate()).close(this.sessionId);
  }

  /** Whether a connection of this user lives on this session's gate. */
  async isConnect(userId: string = this.userId): Promise<boolean> {
    return (await this.#gate()).isConnect(userId);
  }

  /** By the rule of `judgeGuest`, else the module's, else that of the process, else mqant's: no user id. */
  isGuest(): boolean {
    return isGuest(this.#copy, this.#guestRule ?? this.#home.guestRule);
  }

  /** Another rule for this session alone. Its clones have it too: mqant loses it there. */
  judgeGuest(rule: GuestRule): void {
    this.#guestRule = rule;
  }

  /** Begins a new trace: what this session sends from now on belongs to it. */
  createTrace(): void {
    this.#copy = {...this.#copy, traceId: randomId(), spanId: randomId()};
  }

  /** A copy that goes its own way, in the same trace under a new span. */
  clone(): RemoteSession {
    const settings = stringBag(Object.entries(this.#copy.settings));
    const clone = new RemoteSession({...this.#copy, settings, spanId: randomId()}, this.#home);
    clone.#guestRule = this.#guestRule;
    return clone;
  }

  /** mqant's `Serializable`: the protobuf bytes, from which `restoreSession` of any module makes it again. */
  serialize(): Uint8Array {
    return encodeSession(this.#copy);
  }

  #gate(): Promise<SessionGate> {
    return this.#home.gateOf(this.serverId);
  }

  /** The trace, the topic and the carrier are of the request, so they outlive what a gate says of the connection. */
  #adopt(session: Session): void {
    const {traceId, spanId, topic, carrier} = this.#copy;
    const settings = stringBag([...Object.entries(session.settings), ...this.#unpushed]);
    this.#copy = {...session, settings, traceId, spanId, topic, carrier};
  }
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body;
}
