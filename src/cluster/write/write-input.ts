import {UsageError} from '../../base/errors.js';

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
  if (!text.isWellFormed()) return 'has half of a surrogate pair';
  return Buffer.byteLength(text) > 65_535 ? 'is longer than 65,535 bytes' : undefined;
}

/** Text that is stored as UTF-8 at the gate. A lone surrogate would poison the session on the wire. */
export function parseText(text: string): string {
  if (!text.isWellFormed()) throw new UsageError(`"${text}" has half of a surrogate pair`);
  return text;
}

/** A uid to bind; an empty one would be an unbind in disguise. */
export function parseUid(text: string): string {
  if (text.trim() === '') throw new UsageError('the uid is empty', {hint: 'gatectl unbind <session>'});
  return parseText(text);
}

/** `key=value`, split at the first `=`. */
export function parsePair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) {
    const key = text === '' || at === 0 ? 'level' : text;
    throw new UsageError(`"${text}" is not key=value`, {hint: `write it as ${key}=<value>`});
  }
  return [parseSettingKey(text.slice(0, at)), parseText(text.slice(at + 1))];
}

/** The name of a setting; one that is only blanks is as good as any. */
export function parseSettingKey(text: string): string {
  if (text === '') throw new UsageError('the name of the setting is empty', {hint: 'write it as level=7'});
  return parseText(text);
}
