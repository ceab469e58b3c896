/** CEL expressions of the short flags. Values become literals, never syntax. */
export const terms = {
  uids: (uids: readonly string[]) => oneOf('uid', uids),
  networks: (networks: readonly string[]) => oneOf('network', networks),
  guest: () => 'guest',
  cidr: (block: string) => `cidr(ip, ${celString(block)})`,
  setting: settingTerm,
  olderThan: (ms: number) => `age > duration("${ms}ms")`,
  idle: (ms: number) => `idle > duration("${ms}ms")`,
} as const;

/** Joins whole expressions with `&&`; undefined if there are none. A part may end with a comment. */
export function allTerms(parts: readonly string[]): string | undefined {
  const [only] = parts;
  return parts.length > 1 ? parts.map(closed).join(' && ') : only;
}

function closed(part: string): string {
  if (part.includes('//')) return `(${part}\n)`;
  return /\|\||\?/.test(part) ? `(${part})` : part;
}

/** A CEL string literal; unprintable characters are escaped. */
export function celString(text: string): string {
  const escaped = text.replaceAll(/["\\\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
  return `"${escaped}"`;
}

const hex = (code: number, width: number): string => code.toString(16).padStart(width, '0');

function oneOf(field: string, values: readonly string[]): string {
  const [only = ''] = values;
  return values.length === 1
    ? `${field} == ${celString(only)}`
    : `${field} in [${values.map(celString).join(', ')}]`;
}

/** `k=v`, `k!=v` (also true without k, like kubectl's labels), `k` (exists) and `!k` (does not exist). */
function settingTerm(text: string): string {
  const [, key = '', not = '', value = ''] = /^([^=]*?)(!?)=(.*)$/s.exec(text) ?? [];
  if (key !== '') {
    const equal = `${celString(key)} in settings && settings[${celString(key)}] == ${celString(value)}`;
    return not === '' ? equal : `!(${equal})`;
  }
  return text.startsWith('!')
    ? `!(${celString(text.slice(1))} in settings)`
    : `${celString(text)} in settings`;
}
