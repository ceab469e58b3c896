import {CallError} from '../base/errors.js';
import {type GateInfo, stockFunctions} from './gate-api.js';

/**
 * Result of calling one function on a node. The first four are replies in mqant's RPC. `other-arguments`: the node
 * has a function of that name with a different signature.
 */
export type FunctionProbeResult =
  | 'answers'
  | 'lacks'
  | 'other-arguments'
  | 'refuses'
  | 'unreadable'
  | 'not-permitted'
  | 'silent';

/**
 * Role of a node. `gate`: has the extension. `stock-gate`: has only mqant's functions. `other`: an mqant RPC node
 * without the functions of any known gate. `unclear`: its replies are inconclusive. `silent`: it did not reply.
 */
export type NodeRole = 'gate' | 'stock-gate' | 'other' | 'unclear' | 'silent';

/** Returns true if nodes with this role are gates. */
export const isGateRole = (role: NodeRole): boolean => role === 'gate' || role === 'stock-gate';

/** Known sets of function names and signatures, each with a function that identifies it. */
const dialects = [{name: 'mqant', probe: 'IsConnect'}] as const;

type Dialect = (typeof dialects)[number]['name'];

/** Classification of a node by its replies. All texts about a node are derived from it. */
export interface NodeKind {
  readonly role: NodeRole;
  /** Undefined if the node has no known set of functions. */
  readonly dialect: Dialect | undefined;
  readonly answers: ReadonlyMap<string, FunctionProbeResult>;
  /** The node's reply to GatectlInfo, if it has the extension. */
  readonly info: GateInfo | undefined;
}

/** Classifies a node by its replies. Only this function decides what a node is. */
export function classifyNode(answers: ReadonlyMap<string, FunctionProbeResult>, info?: GateInfo): NodeKind {
  const dialect = dialects.find(({probe}) => answers.get(probe) === 'answers')?.name;
  return {role: roleOf(answers, dialect), dialect, answers, info};
}

function roleOf(answers: ReadonlyMap<string, FunctionProbeResult>, dialect: Dialect | undefined): NodeRole {
  const given = [...answers.values()];
  if (answers.get('GatectlInfo') === 'answers') return 'gate';
  if (given.every((answer) => answer === 'silent')) return 'silent';
  if (answers.get('GatectlInfo') !== 'lacks') return 'unclear';
  const isForeign = (fn: string): boolean => ['lacks', 'other-arguments'].includes(answers.get(fn) ?? '');
  if (stockFunctions.some(isForeign)) return 'other';
  return dialect === undefined ? 'unclear' : 'stock-gate';
}

/** Returns the functions that the node does not have, according to its replies. */
export const missingFunctions = (kind: NodeKind): readonly string[] => functionsWith(kind, 'lacks');

const functionsWith = ({answers}: NodeKind, wanted: FunctionProbeResult): readonly string[] =>
  [...answers].filter(([, answer]) => answer === wanted).map(([fn]) => fn);

/** Returns the text of the KIND column, such as `gatectl 1.2.3`, `stock mqant gate` or `silent`. */
export function nodeKindText({role, info}: NodeKind): string {
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

/** Returns the text about missing functions that follows the node's id in a message. */
export function missingFunctionsText(kind: NodeKind): string {
  const names = missingFunctions(kind);
  const lacked = `no ${names.slice(0, -1).join(', ')}${names.length > 1 ? ' or ' : ''}${names.at(-1) ?? ''}`;
  switch (kind.role) {
    case 'gate':
      return `has ${lacked}: it runs ${nodeKindText(kind)}`;
    case 'stock-gate':
      return `is a stock mqant gate: it has ${lacked}`;
    case 'other':
      return `speaks mqant RPC but has ${lacked}${withOther(kind)}: it is a fork with other functions, or not a gate`;
    default:
      return `has ${lacked}${withRefused(kind)}`;
  }
}

const withOther = (kind: NodeKind): string =>
  functionsWith(kind, 'other-arguments')
    .map((fn) => ` and a different ${fn}`)
    .join('');

const withRefused = (kind: NodeKind): string =>
  functionsWith(kind, 'refuses')
    .map((fn) => ` and refuses ${fn}, so it may or may not be a gate`)
    .join('');

/** Thrown when a called function does not exist on the node. `kind` is what is known about the node so far. */
export class UnsupportedError extends CallError {
  constructor(
    node: string,
    fn: string,
    readonly kind: NodeKind = classifyNode(new Map([[fn, 'lacks']])),
    consequence = '',
  ) {
    super(
      {reason: 'unsupported', node, fn},
      `${node} ${missingFunctionsText(withoutProbed(kind, fn))}${consequence}`,
    );
  }
}

/**
 * Leaves out functions that were only probed, so that the message for a gate contains only the function that was
 * called.
 */
function withoutProbed(kind: NodeKind, fn: string): NodeKind {
  if (kind.role === 'other') return kind;
  const kept = [...kind.answers].filter(([name, answer]) => name === fn || answer !== 'lacks');
  return {...kind, answers: new Map(kept)};
}

/**
 * Returns true if a gate's `dirty` count is meaningful. It is always 0 in mqant, which writes once and doesn't report
 * failures.
 */
export const reportsDirtyCount = (software: string): boolean => software !== 'mqant';

/** Returns true if a gate reports when its clients were last active. mqant does not know that. */
export const reportsLastActivity = (software: string): boolean => software !== 'mqant';
