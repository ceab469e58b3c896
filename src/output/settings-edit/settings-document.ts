import {DecodeError, UsageError} from '../../base/errors.js';
import {parseStrictJson} from '../../session/codec/strict-json.js';
import {type StringBag, stringBag} from '../../session/session.js';
import type {SettingConflict} from '../../session/settings-edit.js';
import {safeJson, safeText} from '../text/safe-text.js';

/**
 * Settings as a text for an editor: lines that begin with `//`, then a JSON object of texts. Hidden characters stand as
 * `\uXXXX`, so the text is safe on a terminal, and no value can pass for a comment: those stand before the object only.
 */
export function settingsDocument(settings: StringBag, comments: readonly string[]): string {
  return replaceComments(`${safeJson(settings, 2)}\n`, comments);
}

/** A text under other comments than it had. */
export function replaceComments(document: string, comments: readonly string[]): string {
  return comments.map((line) => `// ${safeText(line)}\n`).join('') + withoutComments(document);
}

/** The text without the comments before the object. */
export function withoutComments(document: string): string {
  return document.replace(commentsBefore, '');
}

const commentsBefore = /^(?:[ \t]*\/\/[^\n]*(?:\n|$)|[ \t\r]*\n)*/;

/** The settings that a document holds. UsageError names the line that is wrong. */
export function parseSettingsDocument(document: string): StringBag {
  const body = withoutComments(document);
  const value = parseJson(body, linesIn(document.slice(0, document.length - body.length)));
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError('the text is no JSON object of settings', {hint: 'like {"room": "lobby"}'});
  const entries = Object.entries(value).map(([key, text]) => [wellFormed(key), textOf(key, text)] as const);
  return stringBag(entries);
}

/** Both sides of each conflict in place of a value: not valid until one is chosen. */
function withConflicts(
  settings: StringBag,
  conflicts: readonly SettingConflict[],
): Readonly<Record<string, unknown>> {
  const document = stringBag(Object.entries(settings)) as Record<string, unknown>;
  for (const {key, mine, theirs} of conflicts) document[key] = {mine: mine ?? null, gate: theirs ?? null};
  return document;
}

export function conflictDocument(
  settings: StringBag,
  conflicts: readonly SettingConflict[],
  comments: readonly string[],
): string {
  return replaceComments(`${safeJson(withConflicts(settings, conflicts), 2)}\n`, comments);
}

function textOf(key: string, value: unknown): string {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value === 'object' && value !== null && 'mine' in value && 'gate' in value)
    throw new UsageError(`"${key}" still has both values`, {hint: 'keep one of them, as a text'});
  throw new UsageError(`the value of "${key}" is no text: ${JSON.stringify(value).slice(0, 80)}`, {
    hint: 'put it in double quotes',
  });
}

/** A gate could store half of a surrogate pair, and never send the session again. */
function wellFormed(text: string): string {
  if (text.isWellFormed()) return text;
  throw new UsageError(`${JSON.stringify(text)} has half of a surrogate pair`);
}

function parseJson(body: string, linesBefore: number): unknown {
  try {
    return parseStrictJson(body);
  } catch (cause) {
    if (cause instanceof DecodeError) throw ambiguous(body, linesBefore, cause);
    const {at, what} = faultIn(body, cause instanceof Error ? cause.message : String(cause));
    const line = linesBefore + linesIn(body.slice(0, at)) + 1;
    throw new UsageError(`the text is no JSON in line ${line}: ${what}`, {cause});
  }
}

/** A key that stands twice, or a number that would be rounded: by its line, since the comments count no bytes. */
function ambiguous(body: string, linesBefore: number, cause: DecodeError): UsageError {
  const line = linesBefore + linesIn(Buffer.from(body).subarray(0, cause.offset).toString()) + 1;
  const what = cause.message.replaceAll(/,? at byte \d+(?: and again)?/g, '');
  return new UsageError(`${what} in line ${line}`, {hint: cause.hint, cause});
}

/** V8 says the position of a wrong order only; of what is no token at all it quotes the surroundings. */
function faultIn(body: string, message: string): {readonly at: number; readonly what: string} {
  const position = /^(.*?) (?:in JSON )?at position (\d+)/s.exec(message);
  if (position !== null) return {at: Number(position[2]), what: position[1] ?? message};
  const at =
    /^(?:\s|"(?:[^"\\\p{Cc}]|\\.)*"|[{}[\]:,]|true|false|null|-?\d[\d.eE+-]*)*/u.exec(body)?.[0].length ?? 0;
  const rest = body.slice(at).split('\n', 1)[0] ?? '';
  return rest === ''
    ? {at, what: 'it ends too early'}
    : {at, what: `${JSON.stringify(rest.slice(0, 40))} is no text in double quotes`};
}

const linesIn = (text: string): number => text.split('\n').length - 1;
