/**
 * Returns true for a valid topic filter: `+` must be a whole level, and `#` the whole last level [MQTT-4.7.1-2, -3,
 * MQTT5 4.7.1-1, -2]. The string must be valid UTF-8.
 */
export function isTopicFilter(filter: string): boolean {
  if (filter === '') return false;
  if (!filter.includes('+') && !filter.includes('#')) return true;
  const levels = filter.split('/');
  return levels.every((level, index) => {
    if (level === '#') return index === levels.length - 1;
    return level === '+' || !/[+#]/.test(level);
  });
}

/** Returns true for a valid shared subscription of MQTT 5: `$share/<name>/<filter>` [MQTT5 4.8.2-1, -2]. */
export function isSharedFilter(filter: string): boolean {
  const [, name = '', ...rest] = filter.split('/');
  return name !== '' && !/[+#]/.test(name) && isTopicFilter(rest.join('/'));
}

/**
 * Returns a User-Agent header in a form that is safe for settings: well-formed, without control characters, at most
 * 512 bytes.
 */
export function sanitizeUserAgent(header: string): string {
  const text = header.toWellFormed().replace(/\p{Cc}/gu, '');
  return Buffer.from(text)
    .subarray(0, 512)
    .toString()
    .replace(/\ufffd+$/, '');
}
