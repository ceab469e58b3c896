import {didYouMean} from '../base/closest-match.js';
import {errorMessage} from '../base/error-details.js';
import {UsageError} from '../base/errors.js';
import {parseCelDurationMs} from './cel-duration.js';
import {selectorFieldNames} from './selector-fields.js';
import type {SelectorFunctions} from './selector-functions.js';
import {childNodes, functionCall, type SyntaxNode, stringLiteral} from './syntax-tree.js';

/** Range in the selector's text, in UTF-16 code units. */
interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Creates an error for a selector. Error output marks the range in its text. */
export function createSelectorError(
  text: string,
  message: string,
  {start, end}: TextRange,
  hint?: string,
): UsageError {
  return new UsageError(`invalid selector: ${message}`, {hint, place: {text, start, end}});
}

/** Converts an error of the CEL library to a UsageError with gatectl's wording. */
export function translateCelError(text: string, error: unknown): UsageError {
  const {summary, range, code} = celError(error);
  const place = range ?? {start: 0, end: text.length};
  const at = text.slice(place.start, place.end);
  if (code === 'unknown_variable') {
    const name = summary.split(': ')[1] ?? at;
    const end = place.start + name.length;
    return createSelectorError(
      text,
      `unknown field ${JSON.stringify(name)}`,
      {start: place.start, end},
      unknownHint(name),
    );
  }
  return createSelectorError(text, lowerFirst(summary), place, hintFor(text, summary, place));
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
  if (name === 'not') return 'use ! for not';
  if (/^connected/i.test(name)) return 'to compare the time since connecting: age < duration("24h")';
  if (/^last/i.test(name)) return 'to compare the time since the last packet: idle > duration("1h")';
  return didYouMean(
    name,
    selectorFieldNames,
    `the fields are ${selectorFieldNames.join(', ')}; strings need quotes: uid == "u1"`,
  );
}

function hintFor(text: string, summary: string, {start}: TextRange): string {
  if (/google\.protobuf\.Duration/.test(summary)) return 'write a duration as in age > duration("5m")';
  if (/string [=!<>]=? (?:int|double|bool)/.test(summary))
    return 'uids and settings are strings: settings.level == "7"';
  if (/ in string/.test(summary)) return 'to search in a string: uid.contains("x")';
  const rest = text.slice(start);
  if (/^=(?!=)/.test(rest) || /[^=!<>]=$/.test(text.slice(0, start))) return equalHint(text);
  if (/^and\b/i.test(rest)) return 'use && for and';
  if (/^or\b/i.test(rest)) return 'use || for or';
  if (/\bnot\s/.test(text)) return 'use ! for not';
  if (/^['"]/.test(rest) && /nterminated/.test(summary)) return 'close the quote';
  return 'for example: uid == "u1" && settings.vip == "1" && age > duration("5m")';
}

/** Returns the hint for a single `=`: for `uid=u1` the corrected comparison, for other text just the operator. */
function equalHint(text: string): string {
  const [, field = '', , quoted, bare] =
    /^\s*([a-z][\w.-]*)\s*=\s*(?:(["'])(.*)\2|([\w@.:-]+))\s*$/i.exec(text) ?? [];
  const value = quoted ?? bare;
  return field === '' || value === undefined
    ? 'use == to compare'
    : `write ${field} == ${JSON.stringify(value)}`;
}

const lowerFirst = (text: string): string =>
  text.charAt(0).toLowerCase() + text.slice(1).replaceAll('google.protobuf.Duration', 'duration');

const macros = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** Throws UsageError for valid CEL that gatectl does not support: `matches`, patterns that are not literals, nested loops. */
export function rejectUnsupported(
  text: string,
  node: SyntaxNode,
  functions: SelectorFunctions,
  inLoop = false,
): void {
  const {name, args} = functionCall(node) ?? {name: '', args: []};
  if (name === 'matches' && node.op === 'rcall')
    throw createSelectorError(
      text,
      'matches() is not supported: it can be very slow',
      node,
      'use re(uid, "^u[0-9]+$"), which runs in linear time',
    );
  if (name === 'duration') checkLiteral(text, node, args[0], checkDuration);
  if (name === 're' || name === 'cidr')
    checkLiteral(text, node, args[1], (literal) => void functions[name](literal));
  const isLoop = node.op === 'rcall' && macros.has(name);
  if (isLoop && inLoop)
    throw createSelectorError(text, `nested loops are not supported: ${name}() is inside another`, node);
  for (const child of childNodes(node)) rejectUnsupported(text, child, functions, inLoop || isLoop);
}

function checkDuration(literal: string): void {
  if (parseCelDurationMs(literal) === undefined)
    throw new Error(`invalid duration "${literal}": expected a form such as 90s, 5m or 1h30m`);
}

function checkLiteral(
  text: string,
  whole: SyntaxNode,
  node: SyntaxNode | undefined,
  check: (literal: string) => void,
): void {
  const literal = stringLiteral(node);
  if (node === undefined || literal === undefined)
    throw createSelectorError(text, 'expected a string in quotes', node ?? whole);
  try {
    check(literal);
  } catch (error) {
    throw createSelectorError(text, errorMessage(error), node);
  }
}
