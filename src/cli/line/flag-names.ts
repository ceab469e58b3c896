/** Converts a flag name without dashes, such as `read-only`, or the words of a command to camel case: `readOnly`. */
export const toCamelCase = (name: string): string =>
  name.replaceAll(/[- ](\w)/g, (_, letter: string) => letter.toUpperCase());

/** Returns the long form of a flag in commander's notation: `--server` for `-s, --server <urls>`. */
export const longFlagOf = (notation: string): string => /--[\w-]+/.exec(notation)?.[0] ?? notation;

/** Splits `--flag=value`. The value is undefined if there is no `=`. */
export function splitFlagValue(word: string): readonly [name: string, value: string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
