/** Converts a flag name without dashes, such as `read-only`, or the words of a command to camel case: `readOnly`. */
export const camelCase = (name: string): string =>
  name.replaceAll(/[- ](\w)/g, (_, letter: string) => letter.toUpperCase());

/** Returns the long form of a flag in commander's notation: `--server` for `-s, --server <urls>`. */
export const longFlag = (notation: string): string => /--[\w-]+/.exec(notation)?.[0] ?? notation;
