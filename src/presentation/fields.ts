/** One thing by its fields: what people read, what programs read, and what the `ids` format prints. */
export interface Fields {
  readonly id: string;
  readonly fields: readonly (readonly [name: string, text: string])[];
  /** Grows only by addition. */
  readonly record: Readonly<Record<string, unknown>>;
}
