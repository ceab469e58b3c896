/**
 * Characters that never reach a terminal as they are: control, format, surrogate, separators, and the fillers and
 * selectors that draw nothing. Ordinary text of any script stays.
 */
const hidden =
  '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\ufe00-\\ufe0f\\uffa0\\ufff0-\\ufffb\\u{e0000}-\\u{e0fff}';

const printableAscii = /^[ -[\]-~]*$/;

/** Compiled at first need: most text is plain ASCII, and Unicode classes cost milliseconds to compile. */
const lazily = (source: string): (() => RegExp) => {
  let compiled: RegExp | undefined;
  return () => {
    compiled ??= new RegExp(source, 'gu');
    return compiled;
  };
};
const anyHidden = lazily(`[${hidden}]`);
const hiddenOrBackslash = lazily(`[${hidden}\\\\]`);
const looksEscaped = /\\[\\nrtu]/;

const named: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\'};

/**
 * Remote text for a terminal: every hidden character becomes visible (`\n`, `\u{1b}`). Injective: a text that holds
 * an escape, or looks as if it did, has its backslashes doubled, so that two texts never look the same.
 */
export function safeText(text: string): string {
  if (printableAscii.test(text)) return text;
  if (text.search(anyHidden()) < 0 && !looksEscaped.test(text)) return text;
  return text.replace(hiddenOrBackslash(), visible);
}

function visible(character: string): string {
  return named[character] ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
}

/** Whether a text of many lines may go to a terminal as it is. */
export function isTerminalSafe(text: string): boolean {
  return asciiJson.test(text) || text.replaceAll('\n', '').search(anyHidden()) < 0;
}

const asciiJson = /^[ -~\n]*$/;

/** JSON that is safe on a terminal and loses nothing: hidden characters as `\uXXXX`. `indent` as JSON.stringify's. */
export function safeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? 'null';
  if (asciiJson.test(text)) return text;
  return text.replace(anyHidden(), (character) => (character === '\n' ? character : jsonEscape(character)));
}

function jsonEscape(character: string): string {
  let escaped = '';
  for (let index = 0; index < character.length; index += 1) {
    escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
