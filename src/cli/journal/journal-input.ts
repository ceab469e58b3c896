import {maskedStoreUrl} from '../../cluster/records/masked-store-url.js';
import {hiddenSecretText, secretNamePattern} from '../../session/secret-names.js';
import {type BulkSessionInput, hasTargetFlags} from '../bulk/bulk-flags.js';

/** Returns the command's input with message bodies replaced by their length, and values with secret names masked. */
export function maskJournalInput(
  path: string,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const bodyFrom =
    path === 'send'
      ? hasTargetFlags(input as unknown as BulkSessionInput)
        ? 1
        : 2
      : Number.POSITIVE_INFINITY;
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        if (name === 'body') return [name, lengthOf(value)];
        if (name === 'store') return [name, maskedStoreUrl(String(value))];
        if (!Array.isArray(value)) return [name, value];
        return [
          name,
          value.map((word, at) => (name === 'args' && at >= bodyFrom ? lengthOf(word) : masked(word))),
        ];
      }),
  );
}

/** Masks the value of a `key=value` whose key is a secret name. Accepts a string or a parsed pair. */
function masked(word: unknown): unknown {
  if (Array.isArray(word))
    return secretNamePattern.test(String(word[0])) ? [word[0], hiddenSecretText] : word;
  const [, key = '', sign = ''] = /^([^=]*?)(!?=)/.exec(String(word)) ?? [];
  return secretNamePattern.test(key) ? `${key}${sign}${hiddenSecretText}` : word;
}

const lengthOf = (value: unknown): string => `(${Buffer.byteLength(String(value))} bytes)`;
