/** Converts a flag's name without its dashes, such as `read-only`, or a command's words to camel case: `readOnly`. */
export const camelCase = (name: string): string =>
  name.replaceAll(/[- ](\w)/g, (_, letter: string) => letter.toUpperCase());

/** Returns the long form of a flag in commander's notation: `--server` of `-s, --server <urls>`. */
export const longFlag = (notation: string): string => /--[\w-]+/.exec(notation)?.[0] ?? notation;
