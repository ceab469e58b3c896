/** Functions that return the CEL expression of a selection flag. Values become literals, never syntax. */
export const celTerms = {
  uids: uidTerm,
  networks: (networks: readonly string[]) => oneOf('network', networks),
  guest: () => 'guest',
  cidr: (block: string) => `cidr(ip, ${celStringLiteral(block)})`,
  setting: settingTerm,
  olderThan: (ms: number) => `age > duration("${ms}ms")`,
  idle: (ms: number) => `idle > duration("${ms}ms")`,
} as const;

/** Joins expressions with `&&`; undefined if there are none. An expression may end with a comment. */
export function joinCelTerms(parts: readonly string[]): string | undefined {
  const [only] = parts;
  return parts.length > 1 ? parts.map(closed).join(' && ') : only;
}

function closed(part: string): string {
  if (part.includes('//')) return `(${part}\n)`;
  return /\|\||\?/.test(part) ? `(${part})` : part;
}

/** Returns a CEL string literal, with unprintable characters escaped. */
export function celStringLiteral(text: string): string {
  const escaped = text.replaceAll(/["\\\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return `"${escaped}"`;
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');

/** Matches any of the uids. In a uid, `*` matches any characters. */
function uidTerm(uids: readonly string[]): string {
  const exact = uids.filter((uid) => !uid.includes('*'));
  const parts = [
    ...(exact.length === 0 ? [] : [oneOf('uid', exact)]),
    ...uids.filter((uid) => uid.includes('*')).map(matchingUid),
  ];
  return parts.join(' || ');
}

function matchingUid(pattern: string): string {
  const pieces = pattern.split('*');
  const [first = ''] = pieces;
  if (pieces.length === 2 && pieces[1] === '') return `uid.startsWith(${celStringLiteral(first)})`;
  const source = pieces.map((piece) => piece.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*');
  return `re(uid, ${celStringLiteral(`(?s)^${source}$`)})`;
}

function oneOf(field: string, values: readonly string[]): string {
  const [only = ''] = values;
  return values.length === 1
    ? `${field} == ${celStringLiteral(only)}`
    : `${field} in [${values.map(celStringLiteral).join(', ')}]`;
}

/** Matches `k=v`, `k!=v` (also true without k, as with kubectl labels), `k` (exists) or `!k` (does not exist). */
function settingTerm(text: string): string {
  const [, key = '', not = '', value = ''] = /^([^=]*?)(!?)=(.*)$/s.exec(text) ?? [];
  if (key !== '') {
    const equal = `${celStringLiteral(key)} in settings && settings[${celStringLiteral(key)}] == ${celStringLiteral(value)}`;
    return not === '' ? equal : `!(${equal})`;
  }
  return text.startsWith('!')
    ? `!(${celStringLiteral(text.slice(1))} in settings)`
    : `${celStringLiteral(text)} in settings`;
}
