import {isUtf8} from 'node:buffer';
import {parseBoundedJson} from '../../base/bounded-json.js';
import {UsageError} from '../../base/errors.js';

/** An entry of a file: a member of a map, with its name, or an element of a list or a line, without a name. */
export interface JsonEntry {
  readonly name: string | undefined;
  readonly value: unknown;
}

/**
 * Parses a JSON list, a JSON map, or JSON lines. Throws UsageError, with the line number, for anything else.
 * `isEntry` tells a single entry from a map of entries.
 */
export function parseJsonEntries(
  bytes: Buffer,
  source: string,
  isEntry: (value: object) => boolean,
): readonly JsonEntry[] {
  if (!isUtf8(bytes)) throw new UsageError(`cannot read "${source}": it is not UTF-8`);
  const text = bytes.toString().replace(/^\ufeff/, '');
  if (text.trim() === '') return [];
  const whole = parsed(text);
  if (whole instanceof Error) return linesOf(text, source);
  const {value} = whole;
  if (Array.isArray(value)) return value.map((element) => ({name: undefined, value: element}));
  if (typeof value !== 'object' || value === null)
    throw new UsageError(`cannot read "${source}": expected a list or map of records`);
  return isEntry(value) ? [{name: undefined, value}] : membersOf(value);
}

const membersOf = (map: object): readonly JsonEntry[] =>
  Object.entries(map).map(([name, value]) => ({name, value}));

/**
 * Parses JSON lines. Throws the error for the whole text if it has one line, or if its first line alone is not JSON.
 */
function linesOf(text: string, source: string): readonly JsonEntry[] {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim() !== '');
  if (lines.length === 1 || parsed(lines[first] ?? '') instanceof Error)
    throw broken(source, brokenLine(text), parsed(text));
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return [];
    const one = parsed(line);
    if (one instanceof Error) throw broken(source, at + 1, one);
    return [{name: undefined, value: one.value}];
  });
}

function parsed(text: string): {readonly value: unknown} | Error {
  try {
    return {value: parseBoundedJson(text)};
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function broken(source: string, line: number, error: unknown): UsageError {
  // the parser's message quotes the text, and counts from its start
  const [message = ''] = (error instanceof Error ? error.message : '').split('\n');
  const reason = message.split(/,? ?"| in JSON at /, 1)[0];
  return new UsageError(`cannot read "${source}": line ${line} is not JSON: ${reason || 'unexpected text'}`, {
    hint: 'expected a JSON list or map of records, or one record in each line',
  });
}

/**
 * Returns the number of the line that makes a text invalid: the first one with which the text can't be the start of
 * JSON. The parser rejects an incomplete text only at its end, and no JSON token spans lines.
 */
function brokenLine(text: string): number {
  const lines = text.split('\n');
  const isStart = (count: number): boolean => {
    const start = lines.slice(0, count).join('\n').trimEnd();
    const error = parsed(start);
    if (!(error instanceof Error)) return true;
    const [, position] = /at position (\d+)/.exec(error.message) ?? [];
    return /end of JSON/.test(error.message) || Number(position) >= start.length;
  };
  let [good, bad] = [0, lines.length];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isStart(middle)) good = middle;
    else bad = middle;
  }
  return bad;
}
