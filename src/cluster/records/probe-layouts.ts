import {DecodeError} from '../../base/errors.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {Session} from '../../session/session.js';
import {decodeRecord, type RecordEncoding} from '../../storage/record-encoding.js';
import {KeyTemplate} from '../../storage/redis/key-template.js';
import type {SampledValue} from '../../storage/redis/redis-sample.js';

/** The parameters of a store's URL that define a layout. */
export interface LayoutParameters {
  readonly kind: 'a string per user' | 'a field of a hash per user' | 'one hash';
  readonly key: string | undefined;
  readonly hash: string | undefined;
  readonly field: string | undefined;
}

/** A layout and encoding in which records were found. */
export interface DetectedRecordLayout extends LayoutParameters {
  readonly encoding: RecordEncoding;
  readonly records: number;
  /** Number of values that match the layout but are not readable records. */
  readonly unreadable: number;
}

interface ProbedLayouts {
  /** Most records first. */
  readonly fits: readonly DetectedRecordLayout[];
  /** Number of values outside all these layouts, by kind. */
  readonly others: ReadonlyMap<string, number>;
}

interface ReadValue extends SampledValue {
  readonly encoding: RecordEncoding;
  readonly session: Session;
}

const placeholder = '{uid}';
const maxLayouts = 20;

/** Finds layouts and encodings: reads each value as a session, and looks for its uid in the value's key and field. */
export function probeLayouts(values: readonly SampledValue[]): ProbedLayouts {
  const read = values.flatMap(readValue);
  const known = layoutsOf(read);
  const fits = known.flatMap((layout): DetectedRecordLayout[] => {
    const within = values.filter((value) => isWithin(layout, value)).length;
    const counts = grouped(
      read.filter((value) => isWithin(layout, value)),
      ({encoding}) => encoding,
    );
    return [...counts].map(([encoding, {length: records}]) => ({
      ...layout,
      encoding,
      records,
      unreadable: within - records,
    }));
  });
  const rest = values.filter((value) => !known.some((layout) => isWithin(layout, value)));
  const others = new Map<string, number>();
  for (const {value} of rest) others.set(kindOf(value), (others.get(kindOf(value)) ?? 0) + 1);
  return {fits: fits.sort((a, b) => b.records - a.records).slice(0, maxLayouts), others};
}

/** Ordered from the strictest encoding to the one that accepts nearly any bytes. */
const encodings: readonly RecordEncoding[] = ['json', 'msgpack', 'hex', 'base64', 'protobuf'];

function readValue(sampled: SampledValue): ReadValue[] {
  if (sampled.value.length === 0) return [];
  for (const encoding of encodings) {
    const session = sessionIn(sampled.value, encoding);
    if (session !== undefined && isPlausible(session, sampled)) return [{...sampled, encoding, session}];
  }
  return [];
}

function sessionIn(value: Buffer, encoding: RecordEncoding): Session | undefined {
  const decoded = decodeRecord(value, encoding);
  if (decoded.fault !== undefined) return undefined;
  try {
    return decodeSession(decoded.value);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * Returns true if at least two of these members are set and all are printable, unlike in other documents and bytes. A uid that
 * the key or field contains may have any characters.
 */
function isPlausible(
  {sessionId, serverId, userId, network, ip}: Session,
  {key, field = ''}: SampledValue,
): boolean {
  const texts = [sessionId, serverId, userId, network, ip].filter((text) => text !== '');
  const isNamed = (text: string): boolean => text === userId && (key.includes(text) || field.includes(text));
  return texts.length >= 2 && texts.every((text) => isNamed(text) || !/\p{Cc}/u.test(text));
}

/** Chooses the layouts that explain the most values, each value once. */
function layoutsOf(read: readonly ReadValue[]): readonly LayoutParameters[] {
  const layouts: LayoutParameters[] = [];
  let rest = read;
  while (rest.length > 0 && layouts.length < maxLayouts) {
    const named = grouped(rest.flatMap(layoutsNaming), idOf);
    const guessed = named.size > 0 ? named : grouped(rest.map(guessedLayout), idOf);
    const [best] = [...guessed.values()].sort((a, b) => b.length - a.length);
    const layout = best?.[0];
    if (layout === undefined) break;
    layouts.push(layout);
    rest = rest.filter((value) => !isWithin(layout, value));
  }
  return layouts;
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return groups;
}

const idOf = ({key, hash, field}: LayoutParameters): string => JSON.stringify([key, hash, field]);

/** Returns the layouts in which the session's uid appears in the key or the field of the value. */
function layoutsNaming({key, field, session: {userId}}: ReadValue): readonly LayoutParameters[] {
  const none = {key: undefined, hash: undefined, field: undefined};
  const inKey = templatesOf(key, userId);
  if (field === undefined)
    return inKey.map((template) => ({...none, kind: 'a string per user', key: template}));
  return [
    ...templatesOf(field, userId).map(
      (template) => ({...none, kind: 'one hash', hash: key, field: template}) as const,
    ),
    ...inKey.map(
      (template) => ({...none, kind: 'a field of a hash per user', key: template, field}) as const,
    ),
  ];
}

/** Returns one template for each place where the uid occurs. */
function templatesOf(text: string, uid: string): readonly string[] {
  const templates: string[] = [];
  if (uid === '' || text.includes(placeholder)) return templates;
  for (let at = text.indexOf(uid); at >= 0; at = text.indexOf(uid, at + 1))
    templates.push(`${text.slice(0, at)}${placeholder}${text.slice(at + uid.length)}`);
  return templates;
}

/**
 * Guesses a layout for a session without a uid, or with a uid that is not in the key: the part after the last
 * separator.
 */
function guessedLayout({key, field}: ReadValue): LayoutParameters {
  const none = {key: undefined, hash: undefined, field: undefined};
  if (field !== undefined) return {...none, kind: 'one hash', hash: key, field: placeholder};
  const [prefix] = /^.*[:/|.#]/s.exec(key) ?? [''];
  return {...none, kind: 'a string per user', key: `${prefix.replaceAll(placeholder, '')}${placeholder}`};
}

function isWithin(layout: LayoutParameters, {key, field}: SampledValue): boolean {
  if (layout.hash !== undefined)
    return (
      layout.hash === key &&
      field !== undefined &&
      new KeyTemplate(layout.field ?? placeholder).matches(field)
    );
  return layout.field === field && layout.key !== undefined && new KeyTemplate(layout.key).matches(key);
}

/** Describes bytes that are not a record. */
function kindOf(value: Buffer): string {
  if (value.length === 0) return 'empty';
  return compressionOf(value) ?? textKindOf(value);
}

function compressionOf(value: Buffer): string | undefined {
  if (value[0] === 0x1f && value[1] === 0x8b) return 'gzip';
  if (value[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(value[1] ?? -1)) return 'zlib';
  if (value.subarray(0, 4).toString('hex') === '28b52ffd') return 'zstd';
  return undefined;
}

function textKindOf(value: Buffer): string {
  const text = value.toString();
  if (!Buffer.from(text).equals(value) || /[^\P{Cc}\s]/u.test(text)) return 'other bytes';
  if (/^\s*[{[]/.test(text)) return 'JSON without a session';
  const [coded, encoding] = codedIn(text.slice(0, 4000));
  const compression = coded && compressionOf(coded);
  return compression === undefined ? 'text' : `${compression} in ${encoding}`;
}

/** Decodes text that is hex or base64. */
function codedIn(text: string): readonly [Buffer | undefined, string] {
  if (/^(?:[0-9A-Fa-f]{2}){8,}$/.test(text)) return [Buffer.from(text, 'hex'), 'hex'];
  if (/^[A-Za-z0-9+/_-]{12,}={0,2}$/.test(text)) return [Buffer.from(text, 'base64'), 'base64'];
  return [undefined, ''];
}
