import {CallError} from '../base/errors.js';
import {type GateInfo, stockFunctions} from './gate-api.js';

/**
 * Result of calling one function of a node. The first four are mqant RPC replies. `other-arguments` means that the
 * node has a function of that name with a different signature.
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
 * Role of a node: a gate with the extension, a gate with only mqant's functions, an mqant RPC node without the
 * functions of any known gate, a node whose replies are inconclusive, or a node that did not reply.
 */
export type NodeRole = 'gate' | 'stock-gate' | 'other' | 'unclear' | 'silent';

/** Reports whether nodes of a role have the functions of a gate. */
export const isGateRole = (role: NodeRole): boolean => role === 'gate' || role === 'stock-gate';

/** Known sets of function names and signatures, each with the function that identifies it. */
const dialects = [{name: 'mqant', probe: 'IsConnect'}] as const;

type Dialect = (typeof dialects)[number]['name'];

/** Classification of a node by its replies; all texts about a node derive from it. */
export interface NodeKind {
  readonly role: NodeRole;
  /** Undefined when the node serves no known set of functions. */
  readonly dialect: Dialect | undefined;
  readonly answers: ReadonlyMap<string, FunctionAnswer>;
  /** The node's reply to GatectlInfo, when it has the extension. */
  readonly info: GateInfo | undefined;
}

/** Classifies a node by its replies. No other code decides what a node is. */
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

/** Returns the functions that the node reported as missing. */
export const lackedFunctions = (kind: NodeKind): readonly string[] => functionsWith(kind, 'lacks');

const functionsWith = ({answers}: NodeKind, wanted: FunctionAnswer): readonly string[] =>
  [...answers].filter(([, answer]) => answer === wanted).map(([fn]) => fn);

/** Returns the text of the KIND column: `gatectl 1.2.3`, `stock mqant gate`, `silent` … */
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

/** Returns the part of a message about missing functions that follows the node's id. */
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

/** Thrown for a call of a function that the node lacks; `kind` is the node's classification so far. */
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

/** Drops the probed functions from a gate's message, which should name only the function that was called. */
function withoutOthers(kind: NodeKind, fn: string): NodeKind {
  if (kind.role === 'other') return kind;
  const kept = [...kind.answers].filter(([name, answer]) => name === fn || answer !== 'lacks');
  return {...kind, answers: new Map(kept)};
}

/** Reports whether a gate's `dirty` count is meaningful: mqant writes once and doesn't report failures, so its 0 says nothing. */
export const countsUnsaved = (software: string): boolean => software !== 'mqant';

/** Reports whether a gate tells when its clients were last active; mqant doesn't know it. */
export const reportsActivity = (software: string): boolean => software !== 'mqant';
