import {ProtocolError, reason} from './packet-guard.js';

/** U+FFFD is what the parser makes of bytes that are not UTF-8, so it counts as such. NUL is [MQTT-1.5.3-2]. */
const isForbidden = (text: string): boolean =>
  text.includes('\0') || text.includes('\ufffd') || !text.isWellFormed();

/** Text of a client that will travel on: to modules, to stores, to an operator's terminal. Throws ProtocolError. */
export function checkText(text: string, what: string, maxBytes = 65_535): void {
  if (isForbidden(text)) throw new ProtocolError(`${what} is not valid UTF-8`, reason.malformedPacket);
  if (Buffer.byteLength(text) > maxBytes) throw new ProtocolError(`${what} is longer than ${maxBytes} bytes`);
}

/** A topic to publish to: no wildcards [MQTT-3.3.2-2]. */
export function checkTopicName(topic: string): void {
  checkText(topic, 'the topic');
  if (topic === '' || /[+#]/.test(topic))
    throw new ProtocolError('a topic with a wildcard, or none', reason.topicNameInvalid);
}

/** `+` stands alone in its level, `#` alone in the last [MQTT-4.7.1-2]. */
export function isTopicFilter(filter: string): boolean {
  if (filter === '' || isForbidden(filter)) return false;
  const levels = filter.split('/');
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}

/** A User-Agent as it may stand in settings: valid text, at most 512 bytes. */
export function cleanUserAgent(header: string): string {
  const text = header.toWellFormed().replace(/\p{Cc}/gu, '');
  return Buffer.from(text)
    .subarray(0, 512)
    .toString()
    .replace(/\ufffd+$/, '');
}
