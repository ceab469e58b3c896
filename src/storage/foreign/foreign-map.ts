/** A member of a map in a foreign document: one that the project's own code writes. */
export interface ForeignMember {
  /** Text, except in msgpack, where keys may be of any type. */
  readonly key: unknown;
  /** The value if it is text, null for null, undefined for other types. */
  readonly text: string | null | undefined;
  /** Returns the nested map; undefined for other values. Throws DecodeError for excessive nesting. */
  map(): ForeignMap | undefined;
}

/** A map in which unchanged members keep their exact source. */
export interface ForeignMap {
  readonly members: readonly ForeignMember[];
  /** Returns the source with `changed` values replaced (undefined removes the member) and `added` members appended. */
  edited(changed: ReadonlyMap<ForeignMember, string | undefined>, added: readonly NamedValue[]): string;
}

/** A member's name and the source of its value. */
export type NamedValue = readonly [name: string, source: string];

/** A document format. `bytes` turns a source back into exactly the bytes that were read. */
export interface ForeignFormat {
  /** Parses a map. Throws DecodeError for other bytes. */
  read(bytes: Buffer): ForeignMap;
  text(value: string): string;
  map(entries: readonly (readonly [string, string])[]): string;
  bytes(source: string): Buffer;
}
