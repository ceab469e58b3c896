import {UsageError} from '../../base/errors.js';

/** Readers of single values of a JSON config. Each throws UsageError that names the key. */
export function optional<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : parse(value);
}

/** A JSON object, with none but the known keys where they are given. */
export function recordOf(
  value: unknown,
  what: string,
  knownKeys?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${what} is not a JSON object`);
  const unknown = knownKeys && Object.keys(value).find((key) => !knownKeys.includes(key));
  if (unknown !== undefined)
    throw new UsageError(`unknown key ${JSON.stringify(unknown)} in ${what}`, {
      hint: `known keys: ${knownKeys?.join(', ')}`,
    });
  return value as Readonly<Record<string, unknown>>;
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new UsageError(`${what} is ${JSON.stringify(value) ?? 'missing'}, not a text`);
  return value;
}

export function trueOrFalse(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new UsageError(`${what} is ${JSON.stringify(value)}, not true or false`);
}

export function textsOf(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value)) throw new UsageError(`${what} is ${JSON.stringify(value)}, not a list of texts`);
  return value.map((one) => textOf(one, `an entry of ${what}`));
}
