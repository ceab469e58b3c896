import {UsageError} from '../errors.js';

const unitMs: Readonly<Record<string, number>> = {ms: 1, s: 1000, m: 60_000, h: 3_600_000};
const longUnitMs: Readonly<Record<string, number>> = {...unitMs, d: 24 * 3_600_000};
const longestMs = 24 * 3_600_000;
const loneSurrogate = /\p{Cs}/u;

/** `500ms`, `2s`, `1.5s`, `5m`, `1h` as milliseconds; more than nothing, at most a day. */
export function parseDurationMs(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text);
  const ms = Math.round(Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN));
  if (!(ms > 0 && ms <= longestMs)) {
    throw new UsageError(`"${text}" is not a duration`, {hint: 'write it as 500ms, 2s or 5m (at most 24h)'});
  }
  return ms;
}

/** `90s`, `5m`, `12h` or `7d` as milliseconds: how long something has been so. */
export function parseAge(text: string): number {
  const match = /^(\d{1,9})(s|m|h|d)$/.exec(text);
  const ms = Number(match?.[1]) * (longUnitMs[match?.[2] ?? ''] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`"${text}" is no duration`, {hint: 'write it as 90s, 5m, 12h or 7d'});
  return ms;
}

/** `30s`, `10m`, `12h`, `7d` or `never` as milliseconds; 0 for never. */
export function parseTimeToLive(text: string): number {
  if (text === 'never') return 0;
  try {
    return parseAge(text);
  } catch (cause) {
    throw new UsageError(`"${text}" is no time to live`, {
      hint: 'write it as 30s, 10m, 12h, 7d or never',
      cause,
    });
  }
}

/** Words for a person who reads the journal. */
export function parseReason(text: string): string {
  if (text.trim() === '') throw new UsageError('the reason is empty', {hint: 'like --reason "ticket 4711"'});
  if (text.length > 1000) throw new UsageError('the reason is longer than 1,000 characters');
  return parseText(text);
}

/** A whole number from 1 up. */
export function parseCount(text: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new UsageError(`"${text}" is not a count`, {hint: 'give a whole number from 1 up'});
  return count;
}

/** A yes or no as people write it in an environment variable. */
export function parseSwitch(text: string): boolean {
  const word = text.toLowerCase();
  if (['1', 'true', 'yes', 'on'].includes(word)) return true;
  if (['', '0', 'false', 'no', 'off'].includes(word)) return false;
  throw new UsageError(`"${text}" is neither yes nor no`, {hint: 'give 1 or 0'});
}

/** One of a few words. */
export function parseChoice<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((word) => word === text);
    if (choice === undefined) {
      throw new UsageError(`"${text}" is not one of the choices`, {
        hint: `choose from ${choices.join(', ')}`,
      });
    }
    return choice;
  };
}

/**
 * A topic that a client can be sent: MQTT allows no wildcard and no NUL in a topic name, at least one
 * character, and 65,535 bytes [MQTT-3.3.2-2, MQTT-4.7.3-1 to 4.7.3-3].
 */
export function parseTopic(text: string): string {
  const fault = topicFault(text);
  if (fault !== undefined) throw new UsageError(`topic "${text}" ${fault}`);
  return text;
}

function topicFault(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (/[+#]/.test(text)) return 'has a wildcard: a message goes to one topic';
  if (text.includes('\0')) return 'has a NUL character';
  if (loneSurrogate.test(text)) return 'has half of a surrogate pair';
  return Buffer.byteLength(text) > 65_535 ? 'is longer than 65,535 bytes' : undefined;
}

/** Text that is stored as UTF-8 at the gate. A lone surrogate would poison the session on the wire. */
export function parseText(text: string): string {
  if (loneSurrogate.test(text)) throw new UsageError(`"${text}" has half of a surrogate pair`);
  return text;
}

/** A uid to bind; an empty one would be an unbind in disguise. */
export function parseUid(text: string): string {
  if (text === '') throw new UsageError('the uid is empty', {hint: 'gatectl unbind <session>'});
  return parseText(text);
}

/** `key=value`, split at the first `=`. */
export function parsePair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`"${text}" is not key=value`);
  return [parseText(text.slice(0, at)), parseText(text.slice(at + 1))];
}
