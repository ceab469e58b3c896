/** A member of a map in a stored document. */
export interface ForeignMember {
  /** A text, except in msgpack, where it may be anything. */
  readonly key: unknown;
  /** The text of the value, null for a null, undefined for a value of any other type. */
  readonly text: string | null | undefined;
  /** Undefined unless the value is a map. Throws DecodeError for a map that is nested too deep. */
  map(): ForeignMap | undefined;
}

/** A map of which every member that is not changed keeps its exact source. */
export interface ForeignMap {
  readonly members: readonly ForeignMember[];
  /** The source with the values in `changed` replaced (undefined removes the member) and `added` appended. */
  edited(changed: ReadonlyMap<ForeignMember, string | undefined>, added: readonly NamedValue[]): string;
}

/** The name of a member and the source of its value. */
export type NamedValue = readonly [name: string, source: string];

/** A document format. Sources are strings that `bytes` turns back into exactly the bytes that were read. */
export interface ForeignFormat {
  /** Throws DecodeError for bytes that are no map. */
  read(bytes: Buffer): ForeignMap;
  text(value: string): string;
  map(entries: readonly (readonly [string, string])[]): string;
  bytes(source: string): Buffer;
}
