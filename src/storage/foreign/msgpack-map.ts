import {DecodeError} from '../../base/errors.js';
import {type MsgpackEntry, msgpackEntries} from '../../session/codec/msgpack-reader.js';
import type {ForeignFormat, ForeignMap, ForeignMember, NamedSource} from './foreign-map.js';

/** msgpack. The bytes of everything unchanged are preserved. A source is a string with one character per byte. */
export const msgpackFormat: ForeignFormat = {
  read(bytes) {
    const map = mapIn(bytes);
    if (map === undefined)
      throw new DecodeError('not a session: the msgpack value is not a map', {offset: 0});
    return map;
  },
  text: textSource,
  map: (entries) =>
    mapSource(
      entries.map(([key, value]) => textSource(key) + textSource(value)),
      0,
    ),
  bytes: (source) => Buffer.from(source, 'latin1'),
};

function mapIn(bytes: Buffer): MsgpackMap | undefined {
  const entries = msgpackEntries(bytes);
  return entries && new MsgpackMap(bytes, entries);
}

class MsgpackMember implements ForeignMember {
  readonly key: unknown;
  readonly text: string | null | undefined;

  constructor(
    private readonly bytes: Buffer,
    readonly entry: MsgpackEntry,
  ) {
    this.key = entry.key;
    this.text = typeof entry.value === 'string' || entry.value === null ? entry.value : undefined;
  }

  get keySource(): string {
    return this.bytes.toString('latin1', this.entry.start, this.entry.valueStart);
  }

  get valueSource(): string {
    return this.bytes.toString('latin1', this.entry.valueStart, this.entry.end);
  }

  map(): ForeignMap | undefined {
    const {value, valueStart, end} = this.entry;
    return value instanceof Map ? mapIn(this.bytes.subarray(valueStart, end)) : undefined;
  }
}

class MsgpackMap implements ForeignMap {
  readonly members: readonly MsgpackMember[];

  constructor(
    private readonly bytes: Buffer,
    entries: readonly MsgpackEntry[],
  ) {
    this.members = entries.map((entry) => new MsgpackMember(bytes, entry));
  }

  edited(changed: ReadonlyMap<ForeignMember, string | undefined>, added: readonly NamedSource[]): string {
    const kept = this.members.flatMap((member) => {
      const value = changed.has(member) ? changed.get(member) : member.valueSource;
      return value === undefined ? [] : [member.keySource + value];
    });
    const fresh = added.map(([name, source]) => textSource(name) + source);
    return mapSource([...kept, ...fresh], this.bytes[0] ?? 0);
  }
}

/**
 * Encodes a map. Its header is as wide as that of the old map (`before` is the first byte), or wider if necessary.
 */
function mapSource(members: readonly string[], before: number): string {
  const {length} = members;
  const body = members.join('');
  if (before === 0xdf || length > 0xffff) return header(0xdf, length, 4) + body;
  if (before === 0xde || length > 15) return header(0xde, length, 2) + body;
  return String.fromCharCode(0x80 | length) + body;
}

function textSource(text: string): string {
  const source = Buffer.from(text).toString('latin1');
  const {length} = source;
  if (length < 32) return String.fromCharCode(0xa0 | length) + source;
  if (length < 0x100) return header(0xd9, length, 1) + source;
  return header(length < 0x10000 ? 0xda : 0xdb, length, length < 0x10000 ? 2 : 4) + source;
}

function header(type: number, length: number, width: number): string {
  const bytes = Buffer.alloc(1 + width);
  bytes[0] = type;
  bytes.writeUIntBE(length, 1, width);
  return bytes.toString('latin1');
}
