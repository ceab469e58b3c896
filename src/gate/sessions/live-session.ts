import {encodeSession} from '../../session/codec/session-protobuf.js';
import type {ConnectionState, ConnectionsQuery} from '../../session/connection-state.js';
import type {Session, StringBag} from '../../session/session.js';
import {stringBag} from '../../session/session.js';
import {applyEdit, type SettingsEdit} from '../../session/settings-edit.js';
import type {ProtocolVersion} from '../mqtt/protocol-version.js';
import type {PushQos} from '../mqtt/subscriptions.js';
import type {InFlight} from './in-flight.js';

/** The connection of a session's client. */
export interface SessionConnection {
  readonly closed: boolean;
  readonly version: ProtocolVersion;
  /** Largest packet that the client takes. */
  readonly maximumPacketBytes: number;
  /** QoS 1 messages that the client allows to be unacknowledged. */
  readonly receiveMaximum: number;
  /** Bytes that wait because the client's connection takes no more. */
  readonly waitingBytes: number;
  /** For operators. */
  state(query: Pick<ConnectionsQuery, 'topic' | 'subscriptions'>): ConnectionState;
  /** The highest QoS at which a push on this topic may be sent. */
  pushQos(topic: string): PushQos;
  /** False when the client reads too slowly to take it, and was cut off. */
  write(bytes: Uint8Array): boolean;
  /** Reads nothing more for a moment. */
  slowDown(): void;
  /** `reasonCode` is for MQTT 5. */
  close(why: string, reasonCode?: number): void;
}

/** Ownership of the stored record of a session's user. */
interface OwnedRecord {
  readonly userId: string;
  /** Revision that this session read or wrote last; empty if there was none. */
  revision: string;
  /** True until the first write, which takes over any existing record. */
  isFirst: boolean;
  /** True if a newer session of the user owns the record: this session must not write it any more. */
  isSuperseded: boolean;
}

export interface Storable {
  readonly session: Session;
  /** Protobuf bytes, if they were encoded already. */
  readonly encoded?: Uint8Array | undefined;
}

/** State to store: a live session, or the last state of a user whom the session has left. */
export interface Persistable extends Storable {
  readonly id: string;
  /** In Unix milliseconds, by the gate's clock. */
  readonly connectedAt: number;
  readonly connection: {readonly closed: boolean};
  record: OwnedRecord | undefined;
  /** Adds settings; existing keys keep their values. */
  importSettings(settings: StringBag): void;
}

/** Unsaved state of a user whose session was bound to another user. */
export class FormerUserSession implements Persistable {
  readonly connection = {closed: true};
  readonly id: string;
  record: OwnedRecord | undefined;

  constructor(
    public session: Session,
    readonly connectedAt: number,
    record: OwnedRecord | undefined,
  ) {
    this.id = session.sessionId;
    this.record = record;
  }

  importSettings(settings: StringBag): void {
    this.session = {...this.session, settings: mergedSettings(this.session.settings, settings)};
  }
}

/**
 * A session on its gate, the authoritative copy. `session` is replaced and never modified, so copies stay
 * valid.
 */
export class LiveSession implements Persistable {
  /** The record of the session's user; undefined until the storage was read. */
  record: OwnedRecord | undefined;
  /** Position in the session table, which sets it. */
  sequence = 0;
  slot = 0;
  lastActiveAt: number;
  received = 0;
  sent = 0;
  lastHeartbeatAt: number;
  /** Allocated by the first message of QoS 1. */
  inFlight: InFlight | undefined;
  private current: Session;
  private encoding: Buffer | undefined;

  constructor(
    session: Session,
    readonly connection: SessionConnection,
    readonly connectedAt: number,
  ) {
    this.current = session;
    this.lastActiveAt = connectedAt;
    this.lastHeartbeatAt = connectedAt;
  }

  get session(): Session {
    return this.current;
  }

  get id(): string {
    return this.current.sessionId;
  }

  /** Protobuf bytes, cached until the next change. */
  get encoded(): Buffer {
    this.encoding ??= encodeSession(this.current);
    return this.encoding;
  }

  setUserId(userId: string): void {
    this.replace({...this.current, userId});
  }

  /** Adds settings, and overwrites existing keys. */
  putSettings(settings: StringBag): void {
    const merged = stringBag(Object.entries(this.current.settings));
    for (const [key, value] of Object.entries(settings)) merged[key] = value;
    this.replace({...this.current, settings: merged});
  }

  /** mqant's ImportSettings: adds missing keys only. */
  importSettings(settings: StringBag): void {
    this.replace({...this.current, settings: mergedSettings(this.current.settings, settings)});
  }

  removeSetting(key: string): void {
    const rest = Object.entries(this.current.settings).filter(([name]) => name !== key);
    this.replace({...this.current, settings: stringBag(rest)});
  }

  editSettings(edit: SettingsEdit): void {
    this.replace({...this.current, settings: applyEdit(this.current.settings, edit)});
  }

  /** Undoes a change. */
  restore(session: Session): void {
    this.replace(session);
  }

  private replace(session: Session): void {
    this.current = session;
    this.encoding = undefined;
  }
}

/** Merges two sets of settings; `own` wins. */
export function mergedSettings(own: StringBag, others: StringBag): StringBag {
  const merged = stringBag(Object.entries(own));
  for (const [key, value] of Object.entries(others)) if (!(key in merged)) merged[key] = value;
  return merged;
}
