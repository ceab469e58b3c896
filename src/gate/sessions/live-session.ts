import {encodeSession} from '../../session/codec/session-protobuf.js';
import type {ConnectionState, ConnectionsQuery} from '../../session/connection-state.js';
import type {Session, StringBag} from '../../session/session.js';
import {stringBag} from '../../session/session.js';
import {applySettingsEdit, type SettingsEdit} from '../../session/settings-edit.js';
import type {ProtocolVersion} from '../mqtt/protocol-version.js';
import type {PushQos} from '../mqtt/subscriptions.js';
import type {InFlightMessages} from './in-flight-messages.js';

/** The connection of a session's client. */
export interface SessionConnection {
  readonly closed: boolean;
  readonly version: ProtocolVersion;
  /** Maximum size of a packet that the client accepts, in bytes. */
  readonly maximumPacketBytes: number;
  /** Maximum number of unacknowledged QoS 1 messages that the client accepts. */
  readonly receiveMaximum: number;
  /** Number of bytes that wait because the client reads too slowly. */
  readonly waitingBytes: number;
  /**
   * Returns the state of the connection for operators. Subscriptions longer than `roomBytes` together are omitted.
   */
  state(query: Pick<ConnectionsQuery, 'topic' | 'subscriptions'>, roomBytes: number): ConnectionState;
  /** Returns the highest QoS that a push on this topic may have. */
  pushQos(topic: string): PushQos;
  /** Returns false if the client reads too slowly; its connection is then closed. */
  write(bytes: Uint8Array): boolean;
  /** Pauses reading for a short time. */
  slowDown(): void;
  /** Closes the connection. `reasonCode` is for MQTT 5. */
  close(why: string, reasonCode?: number): void;
}

/** A session's ownership of its user's record. */
interface OwnedRecord {
  readonly userId: string;
  /** The revision that this session last read or wrote; empty if there was no record. */
  revision: string;
  /** True until the first write, which takes over any existing record. */
  isFirst: boolean;
  /** True if a newer session of the user owns the record. This session must not write it any more. */
  isSuperseded: boolean;
}

export interface EncodableSession {
  readonly session: Session;
  /** Protobuf bytes, if already encoded. */
  readonly encoded?: Uint8Array | undefined;
}

/** State to store: a live session, or the last state of a user that the session has left. */
export interface PersistedSession extends EncodableSession {
  readonly id: string;
  /** By the gate's clock, in Unix milliseconds. */
  readonly connectedAt: number;
  readonly connection: {readonly closed: boolean};
  record: OwnedRecord | undefined;
  /** Adds settings. Existing keys keep their values. */
  importSettings(settings: StringBag): void;
}

/** Unsaved state of a user whose session has since been bound to another user. */
export class FormerUserSession implements PersistedSession {
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
    this.session = {...this.session, settings: mergeSettings(this.session.settings, settings)};
  }
}

/**
 * A session on its gate, which has the authoritative copy. `session` is replaced and never modified, so copies stay
 * valid.
 */
export class LiveSession implements PersistedSession {
  /** The record of the session's user; undefined until it has been read. */
  record: OwnedRecord | undefined;
  /** Position in the session table; set by the table. */
  sequence = 0;
  slot = 0;
  lastActiveAt: number;
  received = 0;
  sent = 0;
  lastHeartbeatAt: number;
  /** Created with the first QoS 1 message. */
  inFlight: InFlightMessages | undefined;
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

  /** Sets settings, and overwrites existing keys. */
  putSettings(settings: StringBag): void {
    const merged = stringBag(Object.entries(this.current.settings));
    for (const [key, value] of Object.entries(settings)) merged[key] = value;
    this.replace({...this.current, settings: merged});
  }

  /** Adds settings whose keys are missing: mqant's ImportSettings. */
  importSettings(settings: StringBag): void {
    this.replace({...this.current, settings: mergeSettings(this.current.settings, settings)});
  }

  removeSetting(key: string): void {
    const rest = Object.entries(this.current.settings).filter(([name]) => name !== key);
    this.replace({...this.current, settings: stringBag(rest)});
  }

  editSettings(edit: SettingsEdit): void {
    this.replace({...this.current, settings: applySettingsEdit(this.current.settings, edit)});
  }

  /** Restores an earlier state. */
  restore(session: Session): void {
    this.replace(session);
  }

  private replace(session: Session): void {
    this.current = session;
    this.encoding = undefined;
  }
}

/** Merges two sets of settings. On a conflict, `own` wins. */
export function mergeSettings(own: StringBag, others: StringBag): StringBag {
  const merged = stringBag(Object.entries(own));
  for (const [key, value] of Object.entries(others)) if (!(key in merged)) merged[key] = value;
  return merged;
}
