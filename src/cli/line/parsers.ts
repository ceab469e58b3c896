import {didYouMean} from '../../base/closest-match.js';
import {UsageError} from '../../base/errors.js';
import {parseUtf8Text} from '../../cluster/write/parse-write-input.js';

export {
  parseKeyValuePair,
  parseSettingKey,
  parseTopic,
  parseUid,
  parseUtf8Text,
} from '../../cluster/write/parse-write-input.js';

const unitMs: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};
const longUnitMs: Readonly<Record<string, number>> = {...unitMs, d: 24 * 3_600_000};
const longestMs = 24 * 3_600_000;
/** 100 years: longer than the age of any session or the lifetime of any record. */
const longestAgeMs = 36_500 * 24 * 3_600_000;

/** Parses `500ms`, `2s`, `1.5s`, `5m` or `1h` to milliseconds. Throws UsageError unless it is over 0 and at most 24 hours. */
export function parseDurationMs(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text);
  const ms = Math.round(Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN));
  if (!(ms > 0 && ms <= longestMs)) {
    throw new UsageError(`invalid duration "${text}"`, {hint: 'write it as 500ms, 2s or 5m (at most 24h)'});
  }
  return ms;
}

/** Parses an age, such as `90s`, `5m`, `12h` or `7d`, to milliseconds. Throws UsageError. */
export function parseAgeMs(text: string): number {
  const match = /^(\d{1,9})(s|m|h|d)$/.exec(text);
  const ms = Number(match?.[1]) * (longUnitMs[match?.[2] ?? ''] ?? Number.NaN);
  if (!(ms > 0 && ms <= longestAgeMs))
    throw new UsageError(`invalid duration "${text}"`, {hint: 'write it as 90s, 5m, 12h or 7d'});
  return ms;
}

/** Parses `30s`, `10m`, `12h`, `7d` or `never` to milliseconds; `never` is 0. Throws UsageError. */
export function parseTimeToLiveMs(text: string): number {
  if (text === 'never') return 0;
  try {
    return parseAgeMs(text);
  } catch (cause) {
    throw new UsageError(`invalid time to live "${text}"`, {
      hint: /^[1-9]\d{0,8}$/.test(text)
        ? `write it with a unit: ${text}s for seconds`
        : 'write it as 30s, 10m, 12h, 7d or never',
      cause,
    });
  }
}

/** Parses the reason for a write, which the journal records: 1 to 1,000 characters. Throws UsageError. */
export function parseReason(text: string): string {
  if (text.trim() === '')
    throw new UsageError('the reason is empty', {hint: 'for example --reason "ticket 4711"'});
  if (text.length > 1000) throw new UsageError('the reason is longer than 1,000 characters');
  return parseUtf8Text(text);
}

/** Parses a whole number of at least 1. Throws UsageError. */
export function parseCount(text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new UsageError(`invalid count "${text}"`, {hint: 'give a whole number of at least 1'});
  return count;
}

export function parseNonEmpty(text: string): string {
  if (text.trim() === '') throw new UsageError('the value is empty');
  return text;
}

/** Parses a boolean environment variable: 1, true, yes or on; 0, false, no, off or empty. Throws UsageError. */
export function parseBoolean(text: string): boolean {
  const word = text.toLowerCase();
  if (['1', 'true', 'yes', 'on'].includes(word)) return true;
  if (['', '0', 'false', 'no', 'off'].includes(word)) return false;
  throw new UsageError(`invalid value "${text}": expected yes or no`, {hint: 'give 1 or 0'});
}

/** Returns a parser that accepts only the given words. Completion reads its `choices`. */
export function parseChoice<T extends string>(
  choices: readonly T[],
): ((text: string) => T) & {readonly choices: readonly T[]} {
  const parse = (text: string): T => {
    const choice = choices.find((word) => word === text);
    if (choice === undefined) {
      throw new UsageError(`invalid value "${text}"`, {
        hint: didYouMean(text, choices, `choose from ${choices.join(', ')}`),
      });
    }
    return choice;
  };
  return Object.assign(parse, {choices});
}

/** Returns a parser for a comma-separated list of choices. Completion reads `listed`. */
export function parseChoices<T extends string>(
  noun: string,
  choices: readonly T[],
): ((text: string) => readonly T[]) & {readonly listed: readonly T[]} {
  const parse = (text: string): readonly T[] =>
    text.split(',').map((word) => {
      const choice = choices.find((name) => name === word.trim());
      if (choice !== undefined) return choice;
      throw new UsageError(`unknown ${noun} "${word}"`, {hint: `choose from ${choices.join(', ')}`});
    });
  return Object.assign(parse, {listed: choices});
}

/** Parses a NATS subject to subscribe to. `*` matches one token, a final `>` all remaining ones. Throws UsageError. */
export function parseNatsSubject(text: string): string {
  const [last = '', ...others] = text.split('.').reverse();
  const isToken = (token: string): boolean => token === '*' || /^[!-)+-\-/-=?-~]+$/.test(token);
  if (text.length <= 255 && others.every(isToken) && (last === '>' || isToken(last))) return text;
  throw new UsageError(`invalid NATS subject "${text}"`, {hint: 'write it as _INBOX_ops.> or game.*'});
}

/** Parses a JetStream domain, which is one token of a NATS subject. Throws UsageError. */
export function parseJetStreamDomain(text: string): string {
  if (/^[\w$-]{1,100}$/.test(text)) return text;
  throw new UsageError(`invalid JetStream domain "${text}": expected letters, digits, "-" and "_"`);
}

/** Parses the subject prefix of a JetStream API, such as `$JS.hub.API`. Throws UsageError. */
export function parseJetStreamPrefix(text: string): string {
  if (/^[\w$-]+(?:\.[\w$-]+)*$/.test(text) && text.length <= 200) return text;
  throw new UsageError(`invalid JetStream API prefix "${text}": expected a subject, such as $JS.hub.API`);
}
