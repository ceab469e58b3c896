import {UsageError} from '../../base/errors.js';

/** Parses an optional value. The functions below throw a UsageError with the key. */
export function parseOptionalValue<T>(value: unknown, parse: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : parse(value);
}

/**
 * Returns the value if it is a JSON object. If `knownKeys` is given, it must have no other keys. Throws UsageError.
 */
export function parseConfigObject(
  value: unknown,
  what: string,
  knownKeys?: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`invalid ${what}: expected a JSON object`);
  const unknown = knownKeys && Object.keys(value).find((key) => !knownKeys.includes(key));
  if (unknown !== undefined)
    throw new UsageError(`unknown key ${JSON.stringify(unknown)} in ${what}`, {
      hint: `known keys: ${knownKeys?.join(', ')}`,
    });
  return value as Readonly<Record<string, unknown>>;
}

export function parseConfigString(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.trim() === '')
    throw new UsageError(
      value === undefined ? `missing ${what}` : `invalid ${what} ${JSON.stringify(value)}: expected text`,
    );
  return value;
}

export function parseConfigBoolean(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new UsageError(`invalid ${what} ${JSON.stringify(value)}: expected true or false`);
}

export function parseConfigStrings(value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value))
    throw new UsageError(`invalid ${what} ${JSON.stringify(value)}: expected a list of strings`);
  return value.map((one) => parseConfigString(one, `entry of ${what}`));
}
