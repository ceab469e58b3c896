import {MistypedValueError, UsageError} from '../base/errors.js';
import {canonicalIpAddress} from '../session/ip-address.js';
import type {SessionRow} from '../session/session.js';
import {createCelEnvironment, evaluateSelector} from './cel-library.js';
import {celStringLiteral} from './cel-terms.js';
import {compileExpression} from './compile-expression.js';
import {createSelectorError, rejectUnsupported, translateCelError} from './selector-errors.js';
import type {SelectorSubject} from './selector-fields.js';
import {loadSelectorFunctions} from './selector-functions.js';
import {childNodes, findComparisons, isSyntaxNode, type SyntaxNode, stringLiteral} from './syntax-tree.js';

/** A checked expression on the fields of a session. */
export interface Selector {
  readonly text: string;
  /** The uid or id that every matching session must have, if any. The session can then be looked up directly. */
  readonly names?: {readonly uid?: string | undefined; readonly id?: string | undefined};
  /**
   * Whether a session matches. `node` is the node id of its gate, `now` that gate's clock in Unix milliseconds. If the expression
   * can't be evaluated, for example because a setting is missing, the session does not match.
   */
  matches(row: SessionRow, node: string, now: number): boolean;
}

const longest = 64 * 1024;

/**
 * Parses a selector, in a subset of CEL (https://github.com/google/cel-spec). Rejects with a UsageError that marks the mistake
 * in the text.
 */
export async function parseSelector(text: string): Promise<Selector> {
  return await parsed(text, () => {});
}

/**
 * Parses a selector typed by an operator. Also rejects likely mistakes (see `rejectLikelyMistakes`). For a condition
 * in the form of SQL or kubectl, such as `level=7`, the error gives the form of CEL.
 */
export async function parseTypedSelector(text: string): Promise<Selector> {
  const {rejectLikelyMistakes} = await import('./likely-mistakes.js');
  try {
    return await parsed(text, rejectLikelyMistakes);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const {message, place} = error;
    if (countField.test(message)) throw new UsageError(message, {hint: duplicatesHint, place, cause: error});
    const meant = await corrected(text);
    if (meant === undefined) throw error;
    throw new MistypedValueError(error.message, {
      ...{flag: '--where', typed: text, meant},
      hint: `write ${meant}`,
      cause: error,
    });
  }
}

/** Matches the error about a user's number of sessions, which is not a field of a session. */
const countField = /unknown field "(?:sessions?|logins?|connections?|count|duplicates?)"/;
const duplicatesHint = 'for users with several sessions: gatectl anomalies --checks duplicate-uid';

/** Returns the selector that a mistyped one means; undefined if that is invalid too. */
async function corrected(text: string): Promise<string | undefined> {
  const {correctSelector} = await import('./correct-selector.js');
  const meant = correctSelector(text);
  if (meant === undefined) return undefined;
  const isValid = await parseSelector(meant).then(
    () => true,
    () => false,
  );
  return isValid ? meant : undefined;
}

async function parsed(text: string, check: (text: string, node: SyntaxNode) => void): Promise<Selector> {
  if (text.length > longest) throw new UsageError(`the selector is longer than ${longest} characters`);
  if (text.trim() === '') throw new UsageError('the selector is empty', {hint: 'for example: uid == "u1"'});
  const functions = await loadSelectorFunctions(text);
  const read = understood(text, () => createCelEnvironment(functions).parse(text));
  const {ast} = read as {ast: unknown};
  if (!isSyntaxNode(ast)) throw new TypeError('the CEL library returned no syntax tree');
  rejectUnsupported(text, ast, functions);
  check(text, ast);
  const plain = withCanonicalAddresses(text, ast);
  if (plain !== text) return await parsed(plain, check);
  const checked = read.check();
  if (!checked.valid) throw translateCelError(text, checked.error);
  if (checked.type !== 'bool') {
    const place = {start: ast.start, end: ast.end};
    throw createSelectorError(
      text,
      `expected a condition, got a ${checked.type}`,
      place,
      'compare it, as in uid == "u1"',
    );
  }
  const compiled = compileExpression(ast, functions);
  const holds =
    compiled === undefined
      ? (subject: SelectorSubject) => evaluateSelector(read, subject)
      : (subject: SelectorSubject) => compiled(subject) === true;
  return {text, names: namesIn(ast), matches: (row, node, now) => holds({row, node, now})};
}

/** Returns the uid and id that the selector requires, as in `uid == "u1" && …`. */
function namesIn(node: SyntaxNode): NonNullable<Selector['names']> {
  if (node.op === '&&') return Object.assign({}, ...childNodes(node).map(namesIn));
  const named = node.op === '==' ? findComparisons(node, ['==']) : [];
  const found: {uid?: string; id?: string} = {};
  for (const {field, literal} of named) {
    const value = stringLiteral(literal) ?? '';
    if (value !== '' && (field === 'uid' || field === 'id')) found[field] = value;
  }
  return found;
}

/** Rewrites addresses compared with `ip` in canonical form, the form of the field itself. */
function withCanonicalAddresses(text: string, ast: SyntaxNode): string {
  const literals = findComparisons(ast, ['==', '!=', 'in']).filter(({field}) => field === 'ip');
  const fromEnd = literals.map(({literal}) => literal).sort((one, other) => other.start - one.start);
  return fromEnd.reduce((written, node) => {
    const address = stringLiteral(node);
    const canonical = canonicalIpAddress(address ?? '');
    if (address === undefined || canonical === address) return written;
    return written.slice(0, node.start) + celStringLiteral(canonical) + written.slice(node.end);
  }, text);
}

function understood<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw translateCelError(text, error);
  }
}
