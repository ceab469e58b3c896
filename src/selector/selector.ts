import {UsageError} from '../base/errors.js';
import {canonicalAddress} from '../session/ip-address.js';
import type {SessionRow} from '../session/session.js';
import {compile} from './compile.js';
import {childrenOf, comparisonsIn, isNode, literalText, type Node} from './expression.js';
import {checkTree, fault, faultOf} from './faults.js';
import type {Subject} from './fields.js';
import {selectorFunctions} from './functions.js';
import {evaluate, selectorEnvironment} from './library.js';
import {celString} from './terms.js';

/** A checked expression over the fields of a session. */
export interface Selector {
  readonly text: string;
  /** A uid or an id that each session has that matches: then it can be looked up instead of searched for. */
  readonly names?: {readonly uid?: string | undefined; readonly id?: string | undefined};
  /**
   * Whether it holds for a session on a gate (node id), at a time of that gate's clock (Unix milliseconds). What
   * cannot be answered, as a setting that is not there, is no match.
   */
  matches(row: SessionRow, node: string, now: number): boolean;
}

const longest = 64 * 1024;

/**
 * A selector from its text: a subset of CEL (https://github.com/google/cel-spec). Rejects with UsageError that has
 * the place of the fault, before anybody was asked anything.
 */
export async function parseSelector(text: string): Promise<Selector> {
  return await parsed(text, () => {});
}

/** A selector that an operator typed: what can't have been meant is refused too (see `checkTyped`). */
export async function parseTypedSelector(text: string): Promise<Selector> {
  const {checkTyped} = await import('./never-matches.js');
  return await parsed(text, checkTyped);
}

async function parsed(text: string, check: (text: string, node: Node) => void): Promise<Selector> {
  if (text.length > longest) throw new UsageError(`the selector is longer than ${longest} characters`);
  if (text.trim() === '') throw new UsageError('the selector is empty', {hint: 'like uid == "u1"'});
  const functions = await selectorFunctions(text);
  const read = understood(text, () => selectorEnvironment(functions).parse(text));
  const {ast} = read as {ast: unknown};
  if (!isNode(ast)) throw new TypeError('the CEL library gave no tree');
  checkTree(text, ast, functions);
  check(text, ast);
  const plain = withCanonicalAddresses(text, ast);
  if (plain !== text) return await parsed(plain, check);
  const checked = read.check();
  if (!checked.valid) throw faultOf(text, checked.error);
  if (checked.type !== 'bool') {
    const place = {start: ast.start, end: ast.end};
    throw fault(text, `it is a ${checked.type}, not a yes or no`, place, 'compare it: uid == "u1"');
  }
  const compiled = compile(ast, functions);
  const holds =
    compiled === undefined
      ? (subject: Subject) => evaluate(read, subject)
      : (subject: Subject) => compiled(subject) === true;
  return {text, names: namesIn(ast), matches: (row, node, now) => holds({row, node, now})};
}

/** The uid and the id in `uid == "u1" && …`. */
function namesIn(node: Node): NonNullable<Selector['names']> {
  if (node.op === '&&') return Object.assign({}, ...childrenOf(node).map(namesIn));
  const named = node.op === '==' ? comparisonsIn(node, ['==']) : [];
  const found: {uid?: string; id?: string} = {};
  for (const {field, literal} of named) {
    const value = literalText(literal) ?? '';
    if (value !== '' && (field === 'uid' || field === 'id')) found[field] = value;
  }
  return found;
}

/** The text with each address that `ip` is compared with in its one spelling, which the field has too. */
function withCanonicalAddresses(text: string, ast: Node): string {
  const literals = comparisonsIn(ast, ['==', '!=', 'in']).filter(({field}) => field === 'ip');
  const fromEnd = literals.map(({literal}) => literal).sort((one, other) => other.start - one.start);
  return fromEnd.reduce((written, node) => {
    const address = literalText(node);
    const canonical = canonicalAddress(address ?? '');
    if (address === undefined || canonical === address) return written;
    return written.slice(0, node.start) + celString(canonical) + written.slice(node.end);
  }, text);
}

function understood<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw faultOf(text, error);
  }
}
