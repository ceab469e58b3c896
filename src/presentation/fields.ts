/** One object, shown field by field. */
export interface Fields {
  /** Printed by the `ids` format. */
  readonly id: string;
  readonly fields: readonly (readonly [name: string, text: string])[];
  /** The JSON document; new versions only add members. */
  readonly record: Readonly<Record<string, unknown>>;
}
