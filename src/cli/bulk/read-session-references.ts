import {UsageError} from '../../base/errors.js';
import {LineSplitter} from '../../base/split-lines.js';
import type {RequestedSession} from '../../cluster/write/resolve-targets.js';
import {formatPlural} from '../../output/text/humanize.js';
import type {CommandContext} from '../command-context.js';
import {parseUid} from '../line/parsers.js';
import {parseSessionReference} from '../line/session-argument.js';

/** The argument that requests a list on stdin. */
export const stdinArgument = '-';

const maxListBytes = 64 * 1024 * 1024;
const maxListLines = 1_000_000;
const maxLineBytes = 1024 * 1024;
/** Maximum number of invalid lines quoted in an error. */
const maxNamedLines = 5;

/** Parses one line of a list; returns undefined for a line without a target. Throws UsageError. */
type ParseLine<T> = (line: string, number: number) => T | undefined;

/** Returns the sessions given as arguments. The argument `-` is replaced by the list on stdin. */
export async function readSessionReferences(
  context: CommandContext,
  words: readonly string[],
): Promise<readonly RequestedSession[]> {
  return await readArgumentsOrStdin(context, words, (reference) => ({reference}), parseSessionLine);
}

/** Parses each argument. The argument `-` is replaced by the parsed lines of stdin. */
export async function readArgumentsOrStdin<T>(
  context: CommandContext,
  words: readonly string[],
  parseWord: (word: string) => T,
  parseLine: ParseLine<T>,
): Promise<readonly T[]> {
  if (words.filter((word) => word === stdinArgument).length > 1)
    throw new UsageError('"-" given twice: stdin can be read only once');
  const named: T[] = [];
  for (const word of words) {
    if (word !== stdinArgument) named.push(parseWord(word));
    else for (const one of await readList(context, parseLine)) named.push(one);
  }
  return named;
}

/** Reads and parses the list on stdin. Rejects with a UsageError that quotes the invalid lines. */
async function readList<T>({io}: CommandContext, parseLine: ParseLine<T>): Promise<readonly T[]> {
  if (io.in.isTerminal)
    throw new UsageError('"-" reads a list from stdin, but stdin is a terminal', {
      hint: 'redirect a file with < FILE, or pipe a list in',
    });
  const bytes = await io.in.readAll(maxListBytes);
  const splitter = new LineSplitter({source: 'stdin', maxLineBytes, LineError: UsageError});
  const read: T[] = [];
  const faults: string[] = [];
  let hint: string | undefined;
  let number = 0;
  for (const line of linesOf(splitter, bytes)) {
    number += 1;
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    if (read.length === maxListLines) throw new UsageError(`stdin lists more than ${maxListLines} targets`);
    try {
      const one = parseLine(text, number);
      if (one !== undefined) read.push(one);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      faults.push(`line ${number}: ${error.message}`);
      hint ??= error.hint;
    }
  }
  if (faults.length > 0) throw faultyLines(faults, hint);
  if (read.length === 0) throw new UsageError('the list on stdin is empty');
  return read;
}

function* linesOf(splitter: LineSplitter, bytes: Uint8Array): Generator<string, void, undefined> {
  yield* splitter.push(bytes);
  yield* splitter.end();
}

/** Builds the error that quotes the first invalid lines. `hint` is the first hint among them. */
function faultyLines(faults: readonly string[], hint?: string): UsageError {
  const more =
    faults.length > maxNamedLines ? `; and ${formatPlural(faults.length - maxNamedLines, 'more line')}` : '';
  return new UsageError(`invalid list on stdin: ${faults.slice(0, maxNamedLines).join('; ')}${more}`, {
    hint: `nothing was sent; write one target per line, as a listing with -o ids or -o jsonl does${hint === undefined ? '' : `; ${hint}`}`,
  });
}

/** Parses an id, `<gate>/<id>`, `uid:<uid>`, or a JSON object as printed by `sessions list -o jsonl`. */
function parseSessionLine(text: string, line: number): RequestedSession | undefined {
  if (!text.startsWith('{')) return {reference: parseSessionReference(text), line};
  const {id, gate, uid, summary} = parseJsonListLine(text);
  if (summary !== undefined) return undefined; // the last line of a listing
  if (typeof id === 'string' && id !== '')
    return {reference: parseSessionReference(typeof gate === 'string' ? `${gate}/${id}` : id), line};
  if (typeof uid === 'string' && uid !== '') return {reference: parseSessionReference(`uid:${uid}`), line};
  throw new UsageError('expected "id" or "uid" in the JSON object');
}

/**
 * Parses the uid of a line that is not JSON. Throws UsageError for a tab: the line is then a row of a listing, such as that of
 * `records list` in a pipe, and would name a user that does not exist.
 */
export function parseUidText(text: string): string {
  if (!text.includes('\t')) return parseUid(text);
  throw new UsageError(`invalid uid "${text}": it has a tab, as a row of a listing has`);
}

/** Parses a line as a JSON object. Throws UsageError. */
export function parseJsonListLine(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    throw new UsageError('invalid JSON: expected one object per line, as printed by -o jsonl');
  }
}
