/** One decoder or parser that meets remote bytes, and what must hold for any input. */
export interface Target {
  readonly name: string;
  /** Inputs beside those of test/fuzz/seeds/<name>.txt: what our own encoders write. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that inputs of this kind are made of. */
  readonly words: readonly (string | Uint8Array)[];
  /** Throws what is a finding: a foreign error, or `Broken` for a promise that did not hold. */
  run(input: Buffer): void | Promise<void>;
}

/** A promise of the decoder that did not hold. */
export class Broken extends Error {}

/** Throws Broken with the text unless it is so. */
export function holds(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Broken(promise);
}

type ErrorClass = abstract new (...args: never[]) => Error;

/** What the decoder makes of it; undefined where it refuses with one of its own errors. */
export function decoded<T>(refusals: readonly ErrorClass[], decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return undefined;
    throw error;
  }
}

/** The same for a decoder that answers later. */
export async function decodedLater<T>(
  refusals: readonly ErrorClass[],
  decode: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await decode();
  } catch (error) {
    if (refusals.some((refusal) => error instanceof refusal)) return undefined;
    throw error;
  }
}
