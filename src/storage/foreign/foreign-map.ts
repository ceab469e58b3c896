/** A member of a map in a document that a project's own code writes. */
export interface ForeignMember {
  /** A string, except in msgpack, where keys may have any type. */
  readonly key: unknown;
  /** The value if it is a string, null for null, undefined for other types. */
  readonly text: string | null | undefined;
  /** Returns the nested map; undefined for other values. Throws DecodeError if it is nested too deeply. */
  map(): ForeignMap | undefined;
}

/** A map whose unchanged members keep their exact source. */
export interface ForeignMap {
  readonly members: readonly ForeignMember[];
  /**
   * Returns the source, with the values in `changed` replaced (undefined removes the member) and the members in
   * `added` appended.
   */
  edited(changed: ReadonlyMap<ForeignMember, string | undefined>, added: readonly NamedSource[]): string;
}

/** The name of a member, and the source of its value. */
export type NamedSource = readonly [name: string, source: string];

/** A document format. `bytes` converts a source back to exactly the bytes that were read. */
export interface ForeignFormat {
  /** Parses bytes as a map. Throws DecodeError if they are something else. */
  read(bytes: Buffer): ForeignMap;
  text(value: string): string;
  map(entries: readonly (readonly [string, string])[]): string;
  bytes(source: string): Buffer;
}
