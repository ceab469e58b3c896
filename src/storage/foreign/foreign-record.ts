import {DecodeError} from '../../base/errors.js';
import {newSession, type Session, type StringBag, stringBag} from '../../session/session.js';
import type {ForeignFormat, ForeignMap, ForeignMember, NamedSource} from './foreign-map.js';

/**
 * Accepted names of session members: of gatectl's session documents, of mqant, and (`listed`) of gatectl's listings.
 */
const texts = {
  sessionId: {names: ['sessionId', 'SessionId', 'Sessionid'], listed: 'id'},
  serverId: {names: ['serverId', 'ServerId', 'Serverid'], listed: 'gate'},
  userId: {names: ['userId', 'UserId', 'Userid'], listed: 'uid'},
  network: {names: ['network', 'Network'], listed: ''},
  ip: {names: ['ip', 'IP'], listed: ''},
  traceId: {names: ['traceId', 'TraceId'], listed: ''},
  spanId: {names: ['spanId', 'SpanId'], listed: ''},
  topic: {names: ['topic', 'Topic'], listed: ''},
} as const;
const bags = {
  settings: {names: ['settings', 'Settings'], listed: ''},
  carrier: {names: ['carrier', 'Carrier'], listed: ''},
} as const;
const fields = {...texts, ...bags, unknownFields: {names: ['unknownFields'], listed: ''}} as const;

type TextName = keyof typeof texts;
type BagName = keyof typeof bags;
type FieldName = keyof typeof fields;

const textNames = Object.keys(texts) as TextName[];
const bagNames = Object.keys(bags) as BagName[];
const fieldNames = Object.keys(fields) as FieldName[];

/**
 * A record in a document format. Members that are not fields of a session belong to the project. An edit keeps them,
 * and everything else that it doesn't change.
 */
export class ForeignRecord {
  readonly session: Session;
  /** Names of the project's members. */
  readonly extras: readonly string[];
  private readonly map: ForeignMap;
  private readonly members: ReadonlyMap<FieldName, readonly ForeignMember[]>;

  /** Decodes the document. Throws DecodeError if it doesn't contain exactly one session. */
  constructor(
    private readonly format: ForeignFormat,
    bytes: Uint8Array,
  ) {
    this.map = format.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    const {members} = this.map;
    this.members = new Map(fieldNames.map((name) => [name, membersOf(members, name)]));
    const known = new Set([...this.members.values()].flat());
    this.extras = members.filter((member) => !known.has(member)).map(({key}) => String(key));
    if (members.length > 0 && known.size === 0) throw notASession(this.extras);
    this.session = this.read();
  }

  /** Returns the document with the fields of another session. */
  edited(session: Session): Buffer {
    const changed = new Map<ForeignMember, string | undefined>();
    const added: NamedSource[] = [];
    const change = (name: FieldName, source: string | undefined): void => {
      const members = this.members.get(name) ?? [];
      for (const member of members) changed.set(member, source);
      if (members.length === 0 && source !== undefined) added.push([this.spelled(name), source]);
    };
    for (const name of textNames)
      if (session[name] !== this.session[name]) change(name, this.format.text(session[name]));
    for (const name of bagNames) this.changeBag(name, session[name], change);
    const [before, after] = [base64(this.session.unknownFields), base64(session.unknownFields)];
    if (before !== after) change('unknownFields', after && this.format.text(after));
    return this.format.bytes(this.map.edited(changed, added));
  }

  private read(): Session {
    const text = (name: FieldName): string => {
      const found = (this.members.get(name) ?? []).map((member) => textOf(member, name));
      return agreed(found, (one, other) => one === other, name) ?? '';
    };
    const bag = (name: BagName): StringBag => {
      const found = (this.members.get(name) ?? []).map((member) => stringBag(entriesOf(member, name)));
      return agreed(found, sameBag, name) ?? stringBag();
    };
    const known = Object.fromEntries(textNames.map((name) => [name, text(name)]));
    const unknown = text('unknownFields');
    return newSession({
      ...known,
      settings: bag('settings'),
      carrier: bag('carrier'),
      ...(unknown !== '' && {unknownFields: Buffer.from(unknown, 'base64')}),
    });
  }

  private changeBag(
    name: BagName,
    after: StringBag,
    change: (name: BagName, source: string | undefined) => void,
  ): void {
    const before = this.session[name];
    if (sameBag(before, after)) return;
    const [member, second] = this.members.get(name) ?? [];
    const map = member?.map();
    if (second !== undefined || map === undefined)
      return change(name, this.format.map(Object.entries(after)));
    const changed = new Map<ForeignMember, string | undefined>();
    for (const entry of map.members) {
      const value = Object.hasOwn(after, String(entry.key)) ? after[String(entry.key)] : undefined;
      if (value !== entry.text) changed.set(entry, value === undefined ? undefined : this.format.text(value));
    }
    const added = Object.entries(after)
      .filter(([key]) => !Object.hasOwn(before, key))
      .map(([key, value]) => [key, this.format.text(value)] as const);
    change(name, map.edited(changed, added));
  }

  /** Returns the name for a new member, in the same spelling as the existing members. */
  private spelled(name: FieldName): string {
    const [own, theirs = own] = fields[name].names;
    for (const [field, members] of this.members) {
      const key = String(members[0]?.key ?? '');
      if (/^[A-Z]/.test(key)) return theirs;
      if (key.includes('_')) return own.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (key !== '' && key !== fields[field].names[0] && key === key.toLowerCase()) return own.toLowerCase();
    }
    return own;
  }
}

/**
 * Returns the members for a field: by exact name, else by name in any case, as Go reads JSON. The short name in
 * listings counts only if its value is a string.
 */
function membersOf(members: readonly ForeignMember[], name: FieldName): readonly ForeignMember[] {
  const {names, listed} = fields[name];
  const found = (fits: (key: string, member: ForeignMember) => boolean) =>
    members.filter((member) => typeof member.key === 'string' && fits(member.key, member));
  const exact = found((key) => (names as readonly string[]).includes(key));
  if (exact.length > 0) return exact;
  const likely = found((key) => key.replaceAll('_', '').toLowerCase() === names[0].toLowerCase());
  if (likely.length > 0) return likely;
  return found((key, {text}) => key === listed && typeof text === 'string');
}

function textOf({text}: ForeignMember, name: string): string {
  if (text === undefined) throw new DecodeError(`${name} is not a string`);
  return wellFormed(text ?? '', name);
}

function entriesOf(member: ForeignMember, name: string): (readonly [string, string])[] {
  if (member.text === null) return [];
  const map = member.map();
  if (map === undefined) throw new DecodeError(`${name} is not a map`);
  const seen = new Map<string, string>();
  for (const {key, text} of map.members) {
    if (typeof key !== 'string') throw new DecodeError(`${name} has a key that is not a string`);
    const where = `${name}[${JSON.stringify(key)}]`;
    if (typeof text !== 'string') throw new DecodeError(`${where} is not a string`);
    if ((seen.get(key) ?? text) !== text)
      throw new DecodeError(`${where} appears twice with different values`);
    seen.set(wellFormed(key, name), wellFormed(text, name));
  }
  return [...seen];
}

/** Returns the value that all members share; undefined if there is none. Throws DecodeError if they differ. */
function agreed<T>(found: readonly T[], same: (one: T, other: T) => boolean, name: string): T | undefined {
  const [first, ...others] = found;
  if (first === undefined || others.every((other) => same(first, other))) return first;
  throw new DecodeError(`${name} appears twice with different values`);
}

function sameBag(one: StringBag, other: StringBag): boolean {
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && one[key] === other[key])
  );
}

const base64 = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined || bytes.length === 0 ? undefined : Buffer.from(bytes).toString('base64');

function wellFormed(text: string, name: string): string {
  if (text.isWellFormed()) return text;
  throw new DecodeError(`${name} contains a lone surrogate, which is not valid UTF-8`);
}

function notASession(keys: readonly string[]): DecodeError {
  const some = keys.slice(0, 3).map((key) => JSON.stringify(key));
  return new DecodeError(`it has no field of a session, only ${some.join(', ')}`, {
    hint: 'a session has sessionId, serverId, userId, settings …',
  });
}
