import {DecodeError} from '../../base/errors.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import type {Session} from '../../session/session.js';
import {decodeRecord, type RecordEncoding} from '../../storage/record-encoding.js';
import {KeyTemplate} from '../../storage/redis/key-template.js';
import type {SampledValue} from '../../storage/redis/redis-sample.js';

/** Parameters of a store's URL that name a layout. */
export interface ProbedLayout {
  readonly kind: 'a string per user' | 'a field of a hash per user' | 'one hash';
  readonly key: string | undefined;
  readonly hash: string | undefined;
  readonly field: string | undefined;
}

/** A layout and an encoding in which records were found. */
export interface FittingLayout extends ProbedLayout {
  readonly encoding: RecordEncoding;
  readonly records: number;
  /** Other values that the layout takes for records. */
  readonly unreadable: number;
}

interface ProbedLayouts {
  /** The one with the most records first. */
  readonly fits: readonly FittingLayout[];
  /** Values outside all layouts that fit, by what they are. */
  readonly others: ReadonlyMap<string, number>;
}

interface ReadValue extends SampledValue {
  readonly encoding: RecordEncoding;
  readonly session: Session;
}

const place = '{uid}';
const mostLayouts = 20;

/** Finds layouts and encodings by the uid that each readable session names and by where that uid stands in key and field. */
export function probeLayouts(values: readonly SampledValue[]): ProbedLayouts {
  const read = values.flatMap(readValue);
  const known = layoutsOf(read);
  const fits = known.flatMap((layout): FittingLayout[] => {
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
  return {fits: fits.sort((a, b) => b.records - a.records).slice(0, mostLayouts), others};
}

/** From the strictest encoding to the one that takes nearly any bytes. */
const encodings: readonly RecordEncoding[] = ['json', 'msgpack', 'hex', 'base64', 'protobuf'];

function readValue(sampled: SampledValue): ReadValue[] {
  if (sampled.value.length === 0) return [];
  for (const encoding of encodings) {
    const session = sessionIn(sampled.value, encoding);
    if (session !== undefined && isPlausible(session)) return [{...sampled, encoding, session}];
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

/** A record names at least two of these, in printable text: other documents and bytes do not. */
function isPlausible({sessionId, serverId, userId, network, ip}: Session): boolean {
  const texts = [sessionId, serverId, userId, network, ip].filter((text) => text !== '');
  return texts.length >= 2 && texts.every((text) => !/\p{Cc}/u.test(text));
}

/** Chooses the layouts that explain the most values, each value once. */
function layoutsOf(read: readonly ReadValue[]): readonly ProbedLayout[] {
  const layouts: ProbedLayout[] = [];
  let rest = read;
  while (rest.length > 0 && layouts.length < mostLayouts) {
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

const idOf = ({key, hash, field}: ProbedLayout): string => JSON.stringify([key, hash, field]);

/** Layouts in which the session's uid names the value. */
function layoutsNaming({key, field, session: {userId}}: ReadValue): readonly ProbedLayout[] {
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

/** Replaces the uid at each place where it stands. */
function templatesOf(text: string, uid: string): readonly string[] {
  const templates: string[] = [];
  if (uid === '' || text.includes(place)) return templates;
  for (let at = text.indexOf(uid); at >= 0; at = text.indexOf(uid, at + 1))
    templates.push(`${text.slice(0, at)}${place}${text.slice(at + uid.length)}`);
  return templates;
}

/** Of sessions without a uid, or with one that names nothing: what follows the last separator. */
function guessedLayout({key, field}: ReadValue): ProbedLayout {
  const none = {key: undefined, hash: undefined, field: undefined};
  if (field !== undefined) return {...none, kind: 'one hash', hash: key, field: place};
  const [prefix] = /^.*[:/|.#]/s.exec(key) ?? [''];
  return {...none, kind: 'a string per user', key: `${prefix.replaceAll(place, '')}${place}`};
}

function isWithin(layout: ProbedLayout, {key, field}: SampledValue): boolean {
  if (layout.hash !== undefined)
    return (
      layout.hash === key && field !== undefined && new KeyTemplate(layout.field ?? place).matches(field)
    );
  return layout.field === field && layout.key !== undefined && new KeyTemplate(layout.key).matches(key);
}

/** Names the kind of bytes that are not a record. */
function kindOf(value: Buffer): string {
  if (value.length === 0) return 'empty';
  if (value[0] === 0x1f && value[1] === 0x8b) return 'gzip';
  if (value[0] === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(value[1] ?? -1)) return 'zlib';
  if (value.subarray(0, 4).toString('hex') === '28b52ffd') return 'zstd';
  const text = value.toString();
  if (!Buffer.from(text).equals(value) || /[^\P{Cc}\s]/u.test(text)) return 'other bytes';
  return /^\s*[{[]/.test(text) ? 'JSON without a session' : 'text';
}
