import {didYouMean} from '../base/closest-match.js';
import {UsageError} from '../base/errors.js';
import {durationMs} from './duration.js';
import {callOf, childrenOf, literalText, type Node} from './expression.js';
import {fieldNames} from './fields.js';
import type {SelectorFunctions} from './functions.js';

/** Where in the text something is wrong, as UTF-16 offsets. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The error for a selector: what is wrong, the text with a mark under the place, and what to write. */
export function fault(text: string, message: string, {start, end}: Range, hint?: string): UsageError {
  return new UsageError(`the selector is wrong: ${message}`, {hint, place: {text, start, end}});
}

/** An error of the CEL library in our words. */
export function faultOf(text: string, error: unknown): UsageError {
  const {summary, range, code} = celError(error);
  const place = range ?? {start: 0, end: text.length};
  const at = text.slice(place.start, place.end);
  if (code === 'unknown_variable') {
    const name = summary.split(': ')[1] ?? at;
    const end = place.start + name.length;
    return fault(
      text,
      `there is no field ${JSON.stringify(name)}`,
      {start: place.start, end},
      unknownHint(name),
    );
  }
  return fault(text, lowerFirst(summary), place, hintFor(text, summary, place));
}

interface CelError {
  readonly summary: string;
  readonly range?: Range | undefined;
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
    `the fields are ${fieldNames.join(', ')}; text stands in quotes: uid == "u1"`,
  );
}

function hintFor(text: string, summary: string, {start}: Range): string {
  if (/google\.protobuf\.Duration/.test(summary))
    return 'a time is written duration("5m"): age > duration("5m")';
  if (/string [=!<>]=? (?:int|double|bool)/.test(summary))
    return 'uids and settings are text: settings.level == "7"';
  if (/ in string/.test(summary)) return 'part of a text: uid.contains("x")';
  const rest = text.slice(start);
  if (/^=(?!=)/.test(rest) || /[^=!<>]=$/.test(text.slice(0, start))) return 'equal is written ==';
  if (/^and\b/i.test(rest)) return 'write && for and';
  if (/^or\b/i.test(rest)) return 'write || for or';
  if (/\bnot\s/.test(text)) return 'write ! for not';
  if (/^['"]/.test(rest) && /nterminated/.test(summary)) return 'the quote is never closed';
  return 'for example: uid == "u1" && settings.vip == "1" && age > duration("5m")';
}

const lowerFirst = (text: string): string =>
  text.charAt(0).toLowerCase() + text.slice(1).replaceAll('google.protobuf.Duration', 'duration');

const macros = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** What CEL would take and we do not: `matches`, patterns that are no literals, loops within loops. */
export function checkTree(text: string, node: Node, functions: SelectorFunctions, inLoop = false): void {
  const {name, args} = callOf(node) ?? {name: '', args: []};
  if (name === 'matches' && node.op === 'rcall')
    throw fault(text, 'matches() can take for ever', node, 're(uid, "^u[0-9]+$") is as good and always fast');
  if (name === 'duration') checkLiteral(text, node, args[0], checkDuration);
  if (name === 're' || name === 'cidr')
    checkLiteral(text, node, args[1], (literal) => void functions[name](literal));
  const isLoop = node.op === 'rcall' && macros.has(name);
  if (isLoop && inLoop) throw fault(text, `${name}() stands within another loop`, node);
  for (const child of childrenOf(node)) checkTree(text, child, functions, inLoop || isLoop);
}

function checkDuration(literal: string): void {
  if (durationMs(literal) === undefined)
    throw new Error(`"${literal}" is no duration: write it as 90s, 5m or 1h30m`);
}

function checkLiteral(
  text: string,
  whole: Node,
  node: Node | undefined,
  check: (literal: string) => void,
): void {
  const literal = literalText(node);
  if (node === undefined || literal === undefined)
    throw fault(text, 'what stands here has to be a text in quotes', node ?? whole);
  try {
    check(literal);
  } catch (error) {
    throw fault(text, error instanceof Error ? error.message : String(error), node);
  }
}
