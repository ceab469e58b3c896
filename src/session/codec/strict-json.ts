import {parseBoundedJson} from '../../base/bounded-json.js';
import {DecodeError} from '../../base/errors.js';

export interface StrictJsonOptions {
  /** What to do with a number that JavaScript would round: throw an error, or return its digits as a string. */
  readonly rounded?: 'refused' | 'text';
}

/**
 * Parses JSON without losing data. JSON.parse silently keeps the last of duplicate keys, and rounds numbers beyond
 * 2^53. Throws DecodeError with the key or number and its offset, and SyntaxError for invalid JSON. Skips a byte
 * order mark.
 */
export function parseStrictJson(text: string, {rounded = 'refused'}: StrictJsonOptions = {}): unknown {
  const value = parsed(text);
  const numbers = check(text);
  const [first] = numbers;
  if (first === undefined) return value;
  if (rounded === 'text') return parsed(quoted(text, numbers));
  const number = text.slice(first.start, first.end);
  throw new DecodeError(`the number ${shortened(number)} would be rounded`, {
    offset: byteAt(text, first.start),
    hint: 'put it in double quotes',
  });
}

function parsed(text: string): unknown {
  return parseBoundedJson(text.startsWith('\ufeff') ? text.slice(1) : text);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Scans valid JSON. Throws for duplicate keys, and returns the numbers that would be rounded. */
function check(text: string): readonly Span[] {
  const rounded: Span[] = [];
  const open: (Map<string, number> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const start = at;
    const character = text[at];
    if (character === '{') open.push(new Map());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      at = endOfString(text, at);
      if (isKey(text, at + 1)) noteKey(text, {start, end: at + 1}, open.at(-1));
    } else if (beginsNumber(text.charCodeAt(at))) {
      while (isNumeral(text.charCodeAt(at + 1))) at += 1;
      if (!isExact(text.slice(start, at + 1))) rounded.push({start, end: at + 1});
    }
  }
  return rounded;
}

/** Returns the offset of the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Returns true if a string is a key: in valid JSON, only a key is followed by a colon. */
function isKey(text: string, after: number): boolean {
  let at = after;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function noteKey(text: string, {start, end}: Span, keys: Map<string, number> | undefined): void {
  const key = JSON.parse(text.slice(start, end)) as string;
  const before = keys?.get(key);
  keys?.set(key, start);
  if (before === undefined) return;
  throw new DecodeError(
    `the key ${shortened(JSON.stringify(key))} appears twice in one object, at byte ${byteAt(text, before)} and again`,
    {offset: byteAt(text, start), hint: 'keep one of the two'},
  );
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

const [minus, plus, point, smallE, largeE] = [0x2d, 0x2b, 0x2e, 0x65, 0x45];

const beginsNumber = (code: number): boolean => isDigit(code) || code === minus;

const isNumeral = (code: number): boolean =>
  isDigit(code) || code === point || code === smallE || code === largeE || code === minus || code === plus;

/** Numbers with up to this many digits are always exact. */
const alwaysExact = 15;

/** Returns true if the JavaScript number has the same digits. */
function isExact(numeral: string): boolean {
  if (numeral.length <= alwaysExact && !/[eE]/.test(numeral)) return true;
  return sameDigits(numeral, String(Number(numeral)));
}

function sameDigits(one: string, other: string): boolean {
  const [a, b] = [significant(one), significant(other)];
  return a.digits === b.digits && a.exponent === b.exponent;
}

/**
 * Returns the digits without leading and trailing zeros, and the exponent of the last one: 12 and 2 for both 1200 and
 * 1.2e3.
 */
function significant(numeral: string): {readonly digits: string; readonly exponent: number} {
  const [mantissa = '', power = '0'] = numeral.replace('-', '').split(/[eE]/);
  const [whole = '', fraction = ''] = mantissa.split('.');
  const digits = whole + fraction;
  let [start, end] = [0, digits.length];
  while (digits[start] === '0') start += 1;
  while (end > start && digits[end - 1] === '0') end -= 1;
  if (start === end) return {digits: '', exponent: 0};
  return {digits: digits.slice(start, end), exponent: Number(power) - fraction.length + digits.length - end};
}

function quoted(text: string, numbers: readonly Span[]): string {
  let [whole, from] = ['', 0];
  for (const {start, end} of numbers) {
    whole += `${text.slice(from, start)}"${text.slice(start, end)}"`;
    from = end;
  }
  return whole + text.slice(from);
}

const byteAt = (text: string, at: number): number => Buffer.byteLength(text.slice(0, at));

const shortened = (word: string): string => (word.length > 60 ? `${word.slice(0, 60)}…` : word);
