import {UsageError} from '../../base/errors.js';

/**
 * Validates the topic of a message. MQTT requires at least one character, no wildcard, no NUL, and at most 65,535
 * bytes [MQTT-3.3.2-2, MQTT-4.7.3-1 to 4.7.3-3].
 */
export function parseTopic(text: string): string {
  const fault = topicFault(text);
  if (fault !== undefined) throw new UsageError(`topic "${text}" ${fault}`);
  return text;
}

function topicFault(text: string): string | undefined {
  if (text === '') return 'is empty';
  if (/[+#]/.test(text)) return 'contains a wildcard: a message is sent to a single topic';
  if (text.includes('\0')) return 'contains a NUL character';
  if (!text.isWellFormed()) return 'contains a lone surrogate';
  return Buffer.byteLength(text) > 65_535 ? 'is longer than 65,535 bytes' : undefined;
}

/** Validates a string that the gate stores as UTF-8. A lone surrogate can't be encoded. */
export function parseUtf8Text(text: string): string {
  if (!text.isWellFormed()) throw new UsageError(`"${text}" contains a lone surrogate`);
  return text;
}

/** Validates a uid, also one that is marked like a session: `uid:u42`. An empty uid is rejected, because it would unbind. */
export function parseUid(text: string): string {
  if (text.trim() === '') throw new UsageError('the uid is empty', {hint: 'gatectl unbind <session>'});
  return parseUtf8Text(text.replace(/^uid:(?=.)/, ''));
}

/** Parses `key=value`, split at the first `=`. */
export function parseKeyValuePair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) {
    const key = text === '' || at === 0 ? 'level' : text;
    throw new UsageError(`invalid setting "${text}": expected key=value`, {
      hint: `write it as ${key}=<value>`,
    });
  }
  return [parseSettingKey(text.slice(0, at)), parseUtf8Text(text.slice(at + 1))];
}

/** Validates the key of a setting. A key of blanks is valid. */
export function parseSettingKey(text: string): string {
  if (text === '') throw new UsageError('the key of the setting is empty', {hint: 'write it as level=7'});
  return parseUtf8Text(text);
}
