import {errorMessage} from '../../base/error-details.js';
import {DecodeError, UsageError} from '../../base/errors.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import {type StringBag, stringBag} from '../../session/session.js';
import type {SettingConflict} from '../../session/settings-edit.js';
import {safeJson, safeText} from '../text/safe-text.js';

/**
 * Formats settings for an editor: comment lines that start with `//`, then a JSON object of strings. Invisible characters are
 * escaped as `\uXXXX`. Comments are recognised only before the object, so no value can be taken for a comment.
 */
export function formatSettingsDocument(settings: StringBag, comments: readonly string[]): string {
  return replaceComments(`${safeJson(settings, 2)}\n`, comments);
}

/** Replaces the comments at the start of a document. */
export function replaceComments(document: string, comments: readonly string[]): string {
  return comments.map((line) => `// ${safeText(line)}\n`).join('') + removeComments(document);
}

/** Removes the comments at the start of a document. */
export function removeComments(document: string): string {
  return document.replace(commentsBefore, '');
}

const commentsBefore = /^(?:[ \t]*\/\/[^\n]*(?:\n|$)|[ \t\r]*\n)*/;

/** Parses a document. Throws a UsageError that names the invalid line. */
export function parseSettingsDocument(document: string): StringBag {
  const body = removeComments(document);
  const value = parseJson(body, linesIn(document.slice(0, document.length - body.length)));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('the document is not a JSON object', {hint: 'for example {"room": "lobby"}'});
  const entries = Object.entries(value).map(([key, text]) => [wellFormed(key), textOf(key, text)] as const);
  return stringBag(entries);
}

/** Replaces each conflicting value with an object of both values, which is invalid until the operator keeps one. */
function withConflicts(
  settings: StringBag,
  conflicts: readonly SettingConflict[],
): Readonly<Record<string, unknown>> {
  const document = stringBag(Object.entries(settings)) as Record<string, unknown>;
  for (const {key, mine, theirs} of conflicts) document[key] = {mine: mine ?? null, gate: theirs ?? null};
  return document;
}

export function formatConflictDocument(
  settings: StringBag,
  conflicts: readonly SettingConflict[],
  comments: readonly string[],
): string {
  return replaceComments(`${safeJson(withConflicts(settings, conflicts), 2)}\n`, comments);
}

function textOf(key: string, value: unknown): string {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'object' && value !== null && 'mine' in value && 'gate' in value)
    throw new UsageError(`"${key}" still has both values`, {hint: 'keep one of them, as a string'});
  throw new UsageError(
    `invalid value of "${key}": expected a string, not ${JSON.stringify(value).slice(0, 80)}`,
    {
      hint: 'put it in double quotes',
    },
  );
}

/** Returns the text. Throws UsageError for a lone surrogate, which a gate could store but then not send. */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new UsageError(`${JSON.stringify(text)} contains a lone surrogate`);
}

function parseJson(body: string, linesBefore: number): unknown {
  try {
    return parseStrictJson(body);
  } catch (cause) {
    if (cause instanceof DecodeError) throw ambiguous(body, linesBefore, cause);
    const {at, what} = faultIn(body, errorMessage(cause));
    const line = linesBefore + linesIn(body.slice(0, at)) + 1;
    throw new UsageError(`invalid JSON in line ${line}: ${what}`, {cause});
  }
}

/** Reports a duplicate key or a number that would be rounded. Gives the line, because the byte offset ignores comments. */
function ambiguous(body: string, linesBefore: number, cause: DecodeError): UsageError {
  const line = linesBefore + linesIn(Buffer.from(body).subarray(0, cause.offset).toString()) + 1;
  const what = cause.message.replaceAll(/,? at byte \d+(?: and again)?/g, '');
  return new UsageError(`${what} in line ${line}`, {cause});
}

/** Locates a JSON syntax error. V8 gives the position of a misplaced token, but only quotes the context of an invalid one. */
function faultIn(body: string, message: string): {readonly at: number; readonly what: string} {
  const position = /^(.*?) (?:in JSON )?at position (\d+)/s.exec(message);
  if (position !== null) return {at: Number(position[2]), what: position[1] ?? message};
  const at =
    /^(?:\s|"(?:[^"\\\p{Cc}]|\\.)*"|[{}[\]:,]|true|false|null|-?\d[\d.eE+-]*)*/u.exec(body)?.[0].length ?? 0;
  const rest = body.slice(at).split('\n', 1)[0] ?? '';
  return rest === ''
    ? {at, what: 'unexpected end'}
    : {at, what: `${JSON.stringify(rest.slice(0, 40))} is not a string in double quotes`};
}

const linesIn = (text: string): number => text.split('\n').length - 1;
