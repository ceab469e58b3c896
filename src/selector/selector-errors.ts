import {didYouMean} from '../base/closest-match.js';
import {errorMessage} from '../base/error-details.js';
import {UsageError} from '../base/errors.js';
import {durationMs} from './duration.js';
import {fieldNames} from './fields.js';
import type {SelectorFunctions} from './functions.js';
import {callOf, childrenOf, literalText, type SyntaxNode} from './syntax-tree.js';

/** Position of an error in the selector's text, in UTF-16 code units. */
interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Creates a selector error; `place` marks the position in the text. */
export function selectorError(
  text: string,
  message: string,
  {start, end}: TextRange,
  hint?: string,
): UsageError {
  return new UsageError(`invalid selector: ${message}`, {hint, place: {text, start, end}});
}

/** Turns an error of the CEL library into a UsageError in gatectl's words. */
export function celLibraryError(text: string, error: unknown): UsageError {
  const {summary, range, code} = celError(error);
  const place = range ?? {start: 0, end: text.length};
  const at = text.slice(place.start, place.end);
  if (code === 'unknown_variable') {
    const name = summary.split(': ')[1] ?? at;
    const end = place.start + name.length;
    return selectorError(
      text,
      `unknown field ${JSON.stringify(name)}`,
      {start: place.start, end},
      unknownHint(name),
    );
  }
  return selectorError(text, lowerFirst(summary), place, hintFor(text, summary, place));
}

interface CelError {
  readonly summary: string;
  readonly range?: TextRange | undefined;
  readonly code?: string | undefined;
}

function celError(error: unknown): CelError {
  if (!(error instanceof Error) || !('summary' in error)) throw error;
  return error as unknown as CelError;
}

function unknownHint(name: string): string {
  if (name === 'not') return 'write ! for not';
  return didYouMean(
    name,
    fieldNames,
    `the fields are ${fieldNames.join(', ')}; text needs quotes: uid == "u1"`,
  );
}

function hintFor(text: string, summary: string, {start}: TextRange): string {
  if (/google\.protobuf\.Duration/.test(summary))
    return 'write a time as duration("5m"): age > duration("5m")';
  if (/string [=!<>]=? (?:int|double|bool)/.test(summary))
    return 'uids and settings are text: settings.level == "7"';
  if (/ in string/.test(summary)) return 'to search within text: uid.contains("x")';
  const rest = text.slice(start);
  if (/^=(?!=)/.test(rest) || /[^=!<>]=$/.test(text.slice(0, start))) return equalHint(text);
  if (/^and\b/i.test(rest)) return 'write && for and';
  if (/^or\b/i.test(rest)) return 'write || for or';
  if (/\bnot\s/.test(text)) return 'write ! for not';
  if (/^['"]/.test(rest) && /nterminated/.test(summary)) return 'close the quote';
  return 'for example: uid == "u1" && settings.vip == "1" && age > duration("5m")';
}

/** Returns `uid == "u1"` for `uid=u1`; only the operator for any other text. */
function equalHint(text: string): string {
  const [, field = '', , quoted, bare] =
    /^\s*([a-z][\w.-]*)\s*=\s*(?:(["'])(.*)\2|([\w@.:-]+))\s*$/i.exec(text) ?? [];
  const value = quoted ?? bare;
  return field === '' || value === undefined
    ? 'write == for equal'
    : `write ${field} == ${JSON.stringify(value)}`;
}

const lowerFirst = (text: string): string =>
  text.charAt(0).toLowerCase() + text.slice(1).replaceAll('google.protobuf.Duration', 'duration');

const macros = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/**
 * Rejects valid CEL that gatectl does not support: `matches`, patterns that are not literals, and nested
 * loops.
 */
export function rejectUnsupported(
  text: string,
  node: SyntaxNode,
  functions: SelectorFunctions,
  inLoop = false,
): void {
  const {name, args} = callOf(node) ?? {name: '', args: []};
  if (name === 'matches' && node.op === 'rcall')
    throw selectorError(
      text,
      'matches() is not supported: it can be very slow',
      node,
      're(uid, "^u[0-9]+$") does the same in linear time',
    );
  if (name === 'duration') checkLiteral(text, node, args[0], checkDuration);
  if (name === 're' || name === 'cidr')
    checkLiteral(text, node, args[1], (literal) => void functions[name](literal));
  const isLoop = node.op === 'rcall' && macros.has(name);
  if (isLoop && inLoop)
    throw selectorError(text, `nested loops are not supported: ${name}() is inside another`, node);
  for (const child of childrenOf(node)) rejectUnsupported(text, child, functions, inLoop || isLoop);
}

function checkDuration(literal: string): void {
  if (durationMs(literal) === undefined)
    throw new Error(`invalid duration "${literal}": write it as 90s, 5m or 1h30m`);
}

function checkLiteral(
  text: string,
  whole: SyntaxNode,
  node: SyntaxNode | undefined,
  check: (literal: string) => void,
): void {
  const literal = literalText(node);
  if (node === undefined || literal === undefined)
    throw selectorError(text, 'expected text in quotes', node ?? whole);
  try {
    check(literal);
  } catch (error) {
    throw selectorError(text, errorMessage(error), node);
  }
}
