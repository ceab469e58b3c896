import {encodeSession} from '../../session/codec/session-protobuf.js';
import type {Session, StringBag} from '../../session/session.js';
import {stringBag} from '../../session/session.js';
import {applyEdit, type SettingsEdit} from '../../session/settings-edit.js';
import type {ProtocolVersion} from '../mqtt/protocol-version.js';

/** The connection of a session's client. */
export interface SessionConnection {
  readonly closed: boolean;
  readonly version: ProtocolVersion;
  /** Largest packet that the client takes. */
  readonly maximumPacketBytes: number;
  /** False when the client reads too slowly to take it, and was cut off. */
  write(bytes: Uint8Array): boolean;
  /** Reads nothing more for a moment. */
  slowDown(): void;
  close(why: string): void;
}

/** What ties a session to the record of its user. */
export interface OwnedRecord {
  readonly userId: string;
  /** Of the last version that this session read or wrote; empty when there was none. */
  revision: string;
  /** Nothing was written yet: this bind still takes over whatever it finds. */
  isFirst: boolean;
  /** A newer session of the user owns it: this one must not write any more. */
  isSuperseded: boolean;
}

/** A session to store. */
export interface Storable {
  readonly session: Session;
  /** Its protobuf bytes, where they are there already. */
  readonly encoded?: Uint8Array | undefined;
}

/** What the storage has to keep: a session, or what a session was while it was bound to another user. */
export interface Persistable extends Storable {
  readonly id: string;
  /** Unix milliseconds by the gate's clock. */
  readonly connectedAt: number;
  readonly connection: {readonly closed: boolean};
  record: OwnedRecord | undefined;
  /** Adds settings; those that it has stay. */
  importSettings(settings: StringBag): void;
}

/** The last state of a session under a user id that it has left before the storage took it. */
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

/** A session on its gate: the authority. `session` is replaced, never changed, so that copies stay what they were. */
export class LiveSession implements Persistable {
  /** The record of the user that it is bound to, as the gate knows it; undefined until the storage was read. */
  record: OwnedRecord | undefined;
  /** Set by the table. */
  sequence = 0;
  slot = 0;
  lastActiveAt: number;
  received = 0;
  sent = 0;
  lastHeartbeatAt: number;
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

  /** Protobuf bytes, made once a change. */
  get encoded(): Buffer {
    this.encoding ??= encodeSession(this.current);
    return this.encoding;
  }

  setUserId(userId: string): void {
    this.replace({...this.current, userId});
  }

  /** Upserts. */
  putSettings(settings: StringBag): void {
    const merged = stringBag(Object.entries(this.current.settings));
    for (const [key, value] of Object.entries(settings)) merged[key] = value;
    this.replace({...this.current, settings: merged});
  }

  /** mqant's ImportSettings: only keys that the session has not got. */
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

  /** Back to what it was. */
  restore(session: Session): void {
    this.replace(session);
  }

  private replace(session: Session): void {
    this.current = session;
    this.encoding = undefined;
  }
}

/** The own settings, and of the others those whose keys are not among them. */
export function mergedSettings(own: StringBag, others: StringBag): StringBag {
  const merged = stringBag(Object.entries(own));
  for (const [key, value] of Object.entries(others)) if (!(key in merged)) merged[key] = value;
  return merged;
}
