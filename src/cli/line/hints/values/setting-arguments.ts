/** Prepositions between a setting and its session, which are ignored. */
const prepositions: ReadonlySet<string> = new Set([
  ...['for', 'of', 'on', 'to', 'from', 'user', 'uid', 'where', 'setting', '='],
]);

/** Whether a word is more likely a target than a key or a value. */
const isTarget = (word: string): boolean => /^uid:|^[\da-f]{6,32}$|^[A-Za-z_-]{1,20}\d/.test(word);

/** Orders the arguments of a command on settings, given as `vip=1 u42`, `u42 vip 1` or `vip of u42`. */
export function orderSettingArguments(
  path: string,
  words: readonly string[],
  selects: boolean,
): readonly string[] {
  if (!/^(?:settings (?:get|set|unset)|records set)$/.test(path)) return words;
  const plain = words.filter((word, at) => at === 0 || !prepositions.has(word));
  const [first = '', second = '', third] = plain;
  if (path.endsWith(' set')) {
    const pairs = plain.filter((word) => word.includes('=') && !word.startsWith('uid:'));
    const rest = plain.filter((word) => !pairs.includes(word));
    if (pairs.length > 0) return [...rest, ...pairs];
    if (selects && plain.length === 2) return [`${first}=${second}`];
    if (plain.length !== 3) return plain;
    const isLast = isTarget(third ?? '') && !isTarget(first);
    return isLast ? [third ?? '', `${first}=${second}`] : [first, `${second}=${third}`];
  }
  const isTurned = plain.length === 2 && !selects && !/\d|:/.test(first) && /\d|^uid:/.test(second);
  return isTurned ? [second, first] : plain;
}
