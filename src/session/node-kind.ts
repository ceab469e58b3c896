import {CallError} from '../base/errors.js';
import {type GateInfo, stockFunctions} from './gate-api.js';

/**
 * How a node answered a call of one function. The first four are answers of mqant RPC; with `other-arguments` the node has a
 * function of that name that takes something else.
 */
export type FunctionAnswer =
  | 'answers'
  | 'lacks'
  | 'other-arguments'
  | 'refuses'
  | 'unreadable'
  | 'not-permitted'
  | 'silent';

/**
 * What a node is to an operator: a gate with the extension, a gate with mqant's functions alone, a node of mqant RPC without
 * the functions of any gate that we know, a node whose answers fit none of these, or one that did not answer.
 */
export type NodeRole = 'gate' | 'stock-gate' | 'other' | 'unclear' | 'silent';

/** A set of function names and arguments that gates answer, and the function whose answer shows it. */
const dialects = [{name: 'mqant', probe: 'IsConnect'}] as const;

export type Dialect = (typeof dialects)[number]['name'];

/** What a node has shown itself to be by its answers; every text about a node is made of this. */
export interface NodeKind {
  readonly role: NodeRole;
  /** Undefined where no known set of function names is answered. */
  readonly dialect: Dialect | undefined;
  readonly answers: ReadonlyMap<string, FunctionAnswer>;
  /** What the node says of itself, where it has the extension. */
  readonly info: GateInfo | undefined;
}

/** The one place that says what a node is. */
export function classifyNode(answers: ReadonlyMap<string, FunctionAnswer>, info?: GateInfo): NodeKind {
  const dialect = dialects.find(({probe}) => answers.get(probe) === 'answers')?.name;
  return {role: roleOf(answers, dialect), dialect, answers, info};
}

function roleOf(answers: ReadonlyMap<string, FunctionAnswer>, dialect: Dialect | undefined): NodeRole {
  const given = [...answers.values()];
  if (answers.get('GatectlInfo') === 'answers') return 'gate';
  if (given.every((answer) => answer === 'silent')) return 'silent';
  if (answers.get('GatectlInfo') !== 'lacks') return 'unclear';
  const isForeign = (fn: string): boolean => ['lacks', 'other-arguments'].includes(answers.get(fn) ?? '');
  if (stockFunctions.some(isForeign)) return 'other';
  return dialect === undefined ? 'unclear' : 'stock-gate';
}

/** Names of the functions that the node said it has not got. */
export const lackedFunctions = (kind: NodeKind): readonly string[] => functionsWith(kind, 'lacks');

const functionsWith = ({answers}: NodeKind, wanted: FunctionAnswer): readonly string[] =>
  [...answers].filter(([, answer]) => answer === wanted).map(([fn]) => fn);

/** For people, as a column: `gatectl 1.2.3`, `stock mqant gate`, `silent` … */
export function kindText({role, info}: NodeKind): string {
  switch (role) {
    case 'gate':
      return `${info?.software ?? ''} ${info?.softwareVersion ?? ''}`.trim();
    case 'stock-gate':
      return 'stock mqant gate';
    case 'other':
      return 'no known gate';
    default:
      return role;
  }
}

/** What follows the node's id in a message about functions that it lacks. */
export function lackText(kind: NodeKind): string {
  const names = lackedFunctions(kind);
  const lacked = `no ${names.slice(0, -1).join(', ')}${names.length > 1 ? ' or ' : ''}${names.at(-1) ?? ''}`;
  switch (kind.role) {
    case 'gate':
      return `has ${lacked}: it runs ${kindText(kind)}`;
    case 'stock-gate':
      return `is a stock mqant gate: it has ${lacked}`;
    case 'other':
      return `speaks mqant RPC but has ${lacked}${withOther(kind)}: a fork with other functions, or no gate`;
    default:
      return `has ${lacked}${withRefused(kind)}`;
  }
}

const withOther = (kind: NodeKind): string =>
  functionsWith(kind, 'other-arguments')
    .map((fn) => ` and another ${fn}`)
    .join('');

const withRefused = (kind: NodeKind): string =>
  functionsWith(kind, 'refuses')
    .map((fn) => ` and refuses ${fn}, so whether it is a gate is not known`)
    .join('');

/** A call of a function that the node has not got, with what the node is as far as it was asked. */
export class UnsupportedError extends CallError {
  constructor(
    node: string,
    fn: string,
    readonly kind: NodeKind = classifyNode(new Map([[fn, 'lacks']])),
    consequence = '',
  ) {
    super({reason: 'unsupported', node, fn}, `${node} ${lackText(withoutOthers(kind, fn))}${consequence}`);
  }
}

/** A gate's message names the function that was called; only of a node that is no gate the probes are named too. */
function withoutOthers(kind: NodeKind, fn: string): NodeKind {
  if (kind.role === 'other') return kind;
  const kept = [...kind.answers].filter(([name, answer]) => name === fn || answer !== 'lacks');
  return {...kind, answers: new Map(kept)};
}
