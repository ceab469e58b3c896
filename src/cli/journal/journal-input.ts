import {hidden, secretName} from '../../session/secret-names.js';
import {type BulkInput, isBulk} from '../bulk/bulk-flags.js';
import {maskUserinfo} from '../settings/connection-options.js';

/** What was typed, with the length of a body instead of it, and without values that are named like secrets. */
export function journaledInput(
  path: string,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const bodyFrom =
    path === 'send' ? (isBulk(input as unknown as BulkInput) ? 1 : 2) : Number.POSITIVE_INFINITY;
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        if (name === 'body') return [name, lengthOf(value)];
        if (name === 'store') return [name, maskUserinfo(String(value))];
        if (!Array.isArray(value)) return [name, value];
        return [
          name,
          value.map((word, at) => (name === 'word' && at >= bodyFrom ? lengthOf(word) : masked(word))),
        ];
      }),
  );
}

/** `token=xyz`, or the pair that was made of it. */
function masked(word: unknown): unknown {
  if (Array.isArray(word)) return secretName.test(String(word[0])) ? [word[0], hidden] : word;
  const [, key = '', sign = ''] = /^([^=]*?)(!?=)/.exec(String(word)) ?? [];
  return secretName.test(key) ? `${key}${sign}${hidden}` : word;
}

const lengthOf = (value: unknown): string => `(${Buffer.byteLength(String(value))} bytes)`;
