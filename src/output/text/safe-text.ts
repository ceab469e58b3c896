/**
 * Characters that never reach a terminal unescaped: control, format, surrogate and separator characters, invisible fillers and
 * variation selectors. Ordinary text in any script is left alone.
 */
const hidden =
  '\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u3164\\ufe00-\\ufe0f\\uffa0\\ufff0-\\ufffb\\u{e0000}-\\u{e0fff}';

const printableAscii = /^[ -[\]-~]*$/;

/** Returns a function that compiles the pattern on first use: most text is ASCII, and Unicode classes are slow to compile. */
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
 * Escapes remote text for a terminal: invisible characters become visible (`\n`, `\u{1b}`). If a text contains an escape, or a
 * backslash that looks like one, backslashes are doubled, so that different texts never look the same.
 */
export function safeText(text: string): string {
  if (printableAscii.test(text)) return text;
  if (text.search(anyHidden()) < 0 && !looksEscaped.test(text)) return text;
  return text.replace(hiddenOrBackslash(), visible);
}

function visible(character: string): string {
  return named[character] ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`;
}

/** Whether a text, which may have several lines, is free of invisible characters. */
export function isTerminalSafe(text: string): boolean {
  return asciiJson.test(text) || text.replaceAll('\n', '').search(anyHidden()) < 0;
}

const asciiJson = /^[ -~\n]*$/;

/** Encodes JSON for a terminal without loss: invisible characters become `\uXXXX`. `indent` is passed to JSON.stringify. */
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
