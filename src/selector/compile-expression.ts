import {settingEquals, settingOfRow} from '../session/fast/row-cursor.js';
import {parseCelDurationMs} from './cel-duration.js';
import {findSelectorField, type SelectorSubject, type SelectorValue} from './selector-fields.js';
import type {SelectorFunctions} from './selector-functions.js';
import {childNodes, functionCall, isSyntaxNode, type SyntaxNode, stringLiteral} from './syntax-tree.js';

type Compiled = (subject: SelectorSubject) => SelectorValue;

/**
 * Compiles a checked expression to closures, because a selector may run for a million sessions. Returns undefined if the
 * expression contains anything that only the CEL library can evaluate. As in CEL, an error (here, undefined) is ignored if the
 * other side of `||` or `&&` decides the result.
 */
export function compileExpression(
  node: SyntaxNode,
  functions: SelectorFunctions,
  loop?: LoopVariable,
): Compiled | undefined {
  const own = (child: unknown) =>
    isSyntaxNode(child) ? compileExpression(child, functions, loop) : undefined;
  switch (node.op) {
    case 'value':
      return constant(node.args);
    case 'id':
      if (node.args === loop?.name) return () => loop?.key;
      return typeof node.args === 'string' ? findSelectorField(node.args)?.read : undefined;
    case '!_':
      return not(own(node.args));
    case '&&':
    case '||':
      return connective(node.op === '||', ...pair(node, own));
    case '==':
    case '!=':
      return equality(node.op === '==', textEquality(node) ?? valueEquality(...pair(node, own)));
    case '<':
    case '<=':
    case '>':
    case '>=':
      return order(node.op, ...pair(node, own));
    case 'in':
      return membership(node, own);
    case '.':
    case '[]':
      return entry(node) ?? loopEntry(node, loop);
    case 'call':
      return call(node, own, functions);
    case 'rcall':
      return someSetting(node, functions, loop) ?? call(node, own, functions);
    default:
      return undefined;
  }
}

/** The variable of `settings.exists(name, …)`. `key` is the setting that the loop has reached. */
interface LoopVariable {
  readonly name: string;
  key: string;
}

/** Compiles `settings.exists(k, condition)`. */
function someSetting(
  node: SyntaxNode,
  functions: SelectorFunctions,
  outer: LoopVariable | undefined,
): Compiled | undefined {
  const {name, args} = functionCall(node) ?? {name: '', args: []};
  const [of, variable, condition, ...more] = args;
  if (name !== 'exists' || outer !== undefined || more.length > 0 || of === undefined || !isSettings(of))
    return undefined;
  if (variable?.op !== 'id' || typeof variable.args !== 'string' || condition === undefined) return undefined;
  if (findSelectorField(variable.args) !== undefined) return undefined; // shadows a field, which only the library handles
  const loop: LoopVariable = {name: variable.args, key: ''};
  const holds = compileExpression(condition, functions, loop);
  if (holds === undefined) return undefined;
  return (subject) => {
    let isUndecided = false;
    for (const key of Object.keys(subject.row.session.settings)) {
      loop.key = key;
      const value = holds(subject);
      if (value === true) return true;
      isUndecided ||= value === undefined;
    }
    return isUndecided ? undefined : false;
  };
}

/** Compiles `settings[k]`, where `k` is the loop variable. */
function loopEntry(node: SyntaxNode, loop: LoopVariable | undefined): Compiled | undefined {
  const [of, key] = childNodes(node);
  if (loop === undefined || of === undefined || !isSettings(of)) return undefined;
  return key?.op === 'id' && key.args === loop.name ? ({row}) => settingOfRow(row, loop.key) : undefined;
}

type Own = (child: unknown) => Compiled | undefined;
type Two = readonly [Compiled | undefined, Compiled | undefined];

function pair(node: SyntaxNode, own: Own): Two {
  const [left, right] = childNodes(node);
  return [own(left), own(right)];
}

function constant(value: unknown): Compiled | undefined {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? () => number : undefined;
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? () => value
    : undefined;
}

function not(inner: Compiled | undefined): Compiled | undefined {
  if (inner === undefined) return undefined;
  return (subject) => {
    const value = inner(subject);
    return value === undefined ? undefined : !value;
  };
}

/** Compiles `||` or `&&`. `deciding` is the value that decides the result from one side: true for `||`, false for `&&`. */
function connective(
  deciding: boolean,
  left: Compiled | undefined,
  right: Compiled | undefined,
): Compiled | undefined {
  if (left === undefined || right === undefined) return undefined;
  return (subject) => {
    const first = left(subject);
    if (first === deciding) return deciding;
    const second = right(subject);
    if (second === deciding) return deciding;
    return first === undefined || second === undefined ? undefined : !deciding;
  };
}

function equality(wanted: boolean, same: Compiled | undefined): Compiled | undefined {
  if (same === undefined) return undefined;
  return (subject) => {
    const isSame = same(subject);
    return isSame === undefined ? undefined : isSame === wanted;
  };
}

function valueEquality(left: Compiled | undefined, right: Compiled | undefined): Compiled | undefined {
  if (left === undefined || right === undefined) return undefined;
  return (subject) => {
    const first = left(subject);
    const second = right(subject);
    return first === undefined || second === undefined ? undefined : first === second;
  };
}

/** Compiles the comparison of a field or setting with a literal, without decoding the field to a string. */
function textEquality(node: SyntaxNode): Compiled | undefined {
  const sides = childNodes(node);
  const text = sides.map(stringLiteral).find((some) => some !== undefined);
  const other = sides.find((side) => stringLiteral(side) === undefined);
  if (text === undefined || other === undefined) return undefined;
  const key = settingKey(other);
  if (key !== undefined) return ({row}) => settingEquals(row, key, text);
  const equals = other.op === 'id' ? findSelectorField(String(other.args))?.equals : undefined;
  return equals && ((subject) => equals(subject, text));
}

function order(op: string, left: Compiled | undefined, right: Compiled | undefined): Compiled | undefined {
  if (left === undefined || right === undefined) return undefined;
  const holds = orders[op];
  if (holds === undefined) return undefined;
  return (subject) => {
    const first = left(subject);
    const second = right(subject);
    if (typeof first === 'number' && typeof second === 'number') return holds(first - second);
    if (typeof first === 'string' && typeof second === 'string') return holds(compareText(first, second));
    return undefined;
  };
}

const orders: Readonly<Record<string, (difference: number) => boolean>> = {
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
};

const compareText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

/** Compiles `x in ["a", "b"]` and `"key" in settings`. */
function membership(node: SyntaxNode, own: Own): Compiled | undefined {
  const [left, right] = childNodes(node);
  const member = own(left);
  if (member === undefined || right === undefined) return undefined;
  if (isSettings(right)) {
    return (subject) => {
      const key = member(subject);
      return typeof key === 'string' ? settingOfRow(subject.row, key) !== undefined : undefined;
    };
  }
  if (right.op !== 'list') return undefined;
  const texts = childNodes(right).map(stringLiteral);
  if (texts.includes(undefined)) return undefined;
  const wanted = new Set<SelectorValue>(texts);
  return (subject) => {
    const value = member(subject);
    return value === undefined ? undefined : wanted.has(value);
  };
}

/** Compiles `settings.key` and `settings["key"]`. */
function entry(node: SyntaxNode): Compiled | undefined {
  const key = settingKey(node);
  if (key === undefined) return undefined;
  return ({row}) => settingOfRow(row, key);
}

function settingKey(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined || !Array.isArray(node.args)) return undefined;
  const [of, key] = node.args;
  if (!isSyntaxNode(of) || !isSettings(of)) return undefined;
  if (node.op === '.') return typeof key === 'string' ? key : undefined;
  return node.op === '[]' && isSyntaxNode(key) ? stringLiteral(key) : undefined;
}

const isSettings = (node: SyntaxNode): boolean => node.op === 'id' && node.args === 'settings';

const textTests: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startsWith: (text, part) => text.startsWith(part),
  endsWith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};

function call(node: SyntaxNode, own: Own, functions: SelectorFunctions): Compiled | undefined {
  const {name, args} = functionCall(node) ?? {name: '', args: []};
  const [first, second] = args;
  if (name === 'duration') return constant(parseCelDurationMs(stringLiteral(first) ?? ''));
  if (name === 'has') {
    const key = settingKey(first);
    return key === undefined ? undefined : ({row}) => settingOfRow(row, key) !== undefined;
  }
  if (name === 're' || name === 'cidr')
    return tested(own(first), functions[name](stringLiteral(second) ?? ''));
  const test = Object.hasOwn(textTests, name) ? textTests[name] : undefined;
  const part = own(second);
  if (test === undefined || part === undefined || node.op !== 'rcall') return undefined;
  const text = own(first);
  if (text === undefined) return undefined;
  return (subject) => {
    const whole = text(subject);
    const wanted = part(subject);
    return typeof whole === 'string' && typeof wanted === 'string' ? test(whole, wanted) : undefined;
  };
}

function tested(text: Compiled | undefined, test: (text: string) => boolean): Compiled | undefined {
  if (text === undefined) return undefined;
  return (subject) => {
    const value = text(subject);
    return typeof value === 'string' ? test(value) : undefined;
  };
}
