import {didYouMean} from '../../base/closest-match.js';
import {NoGateError, UnknownGateError, UsageError} from '../../base/errors.js';
import {hintForInboxPrefix} from '../../bus/rpc/reply-inboxes.js';
import {type ClusterNode, natsDiscoveryName, type Registry} from '../../registry/registry.js';
import {isGateRole, missingFunctionsText, type NodeKind} from '../../session/node-kind.js';
import {defaultGateType, isNamedLikeGate, parseGateTypes} from '../gates/gate-types.js';
import {nodeWithId} from './locate-session.js';

interface GateDirectoryOptions {
  readonly registry: Registry;
  /** Types of the gates, comma-separated. Default: "Gate", or else the only type whose nodes are gates. */
  readonly gateType: string | undefined;
  readonly timeoutMs: number;
  readonly probe: (node: ClusterNode) => Promise<NodeKind>;
  readonly inboxPrefix: string | undefined;
}

/** A node type, and why it is taken for a gate type; `sign` is empty if it is not. */
interface FoundType {
  readonly type: string;
  readonly sign: '' | 'answers as a gate' | 'named like a gate';
}

/** Maximum number of types, and of nodes per type, that are probed: a registry can hold thousands of modules. */
const maxProbedTypes = 50;
const maxProbedNodes = 3;

const maxNamedTypes = 12;

/** Registries whose nodes are safe to call: they run gatectl's own software, or the operator listed them. */
const safeSources = ['nats', 'static'];

/** Determines which nodes of the registry are gates. */
export class GateDirectory {
  private readonly types: readonly string[] | undefined;
  /** The gate type that was detected because none was given and no node has the default type. */
  private foundType: string | undefined;

  constructor(private readonly options: GateDirectoryOptions) {
    this.types = options.gateType === undefined ? undefined : parseGateTypes(options.gateType);
  }

  /** Nodes of every type. */
  allNodes(): Promise<readonly ClusterNode[]> {
    return this.lookUp(undefined);
  }

  /**
   * Returns the gates of the cluster. If there are none, rejects with NoGateError, which lists the types of the other
   * nodes.
   */
  async gates(): Promise<readonly ClusterNode[]> {
    const wanted = this.wanted();
    const gates = await this.ofTypes(wanted);
    if (gates.length > 0) return gates;
    const all = await this.allNodes();
    const types = await this.signsOf(all);
    const [gateType, ...others] = types.filter(({sign}) => sign !== '');
    if (this.types !== undefined || gateType === undefined || others.length > 0)
      throw this.noGate(wanted, types);
    this.foundType = gateType.type;
    return all.filter(({type}) => type === gateType.type);
  }

  /**
   * Returns true if it is safe to call the node. In most mqant modules an unknown function returns an error, but in a
   * module that is its own listener, or that serves HTTP as mqant's documentation shows, it crashes the whole
   * process. Nodes of an mqant registry are therefore called only if their type was requested or is named like a
   * gate.
   */
  mayCall({type, source}: ClusterNode): boolean {
    return this.wanted().includes(type) || isNamedLikeGate(type) || safeSources.includes(source);
  }

  /**
   * Returns a gate of any type by id. Rejects with UnknownGateError for an unknown node, and with UsageError for a
   * node that is not a gate.
   */
  async named(id: string, gates: () => Promise<readonly ClusterNode[]>): Promise<ClusterNode> {
    const at = id.indexOf('@');
    const type = id.slice(0, Math.max(0, at));
    if (at < 1 || this.wanted().includes(type)) return nodeWithId(await gates(), id);
    const nodes = await this.lookUp(type);
    const node = nodes.find((one) => one.id === id);
    if (node === undefined) {
      const hint = didYouMean(
        id,
        nodes.map((one) => one.id),
        'gatectl gates list --all-types',
      );
      throw new UnknownGateError(id, undefined, {hint});
    }
    if (!this.mayCall(node)) {
      throw new UsageError(`"${id}" has the type "${type}", which is not a known gate type`, {
        hint: 'if it is a gate, pass its type with --gate-type',
      });
    }
    const kind = await this.options.probe(node);
    if (kind.role !== 'other') return node;
    throw new UsageError(`"${id}" is not a gate: it ${missingFunctionsText(kind)}`, {
      hint: 'gatectl gates list --all-types',
    });
  }

  /** Yields the gates now and after each change. Waits if there are no gates yet. */
  async *watch(signal: AbortSignal): AsyncGenerator<readonly ClusterNode[], void, undefined> {
    const wanted = this.wanted();
    let mayFind = this.types === undefined && this.foundType === undefined;
    for await (const nodes of this.watchTypes(wanted, signal)) {
      if (nodes.length === 0 && mayFind) {
        mayFind = false;
        await this.gates().catch(ignoreNoGate);
        if (this.foundType !== undefined) return yield* this.watchTypes([this.foundType], signal);
      }
      yield nodes;
    }
  }

  private wanted(): readonly string[] {
    return this.types ?? [this.foundType ?? defaultGateType];
  }

  private lookUp(type: string | undefined): Promise<readonly ClusterNode[]> {
    return this.options.registry.nodes(type, {timeoutMs: this.options.timeoutMs});
  }

  private async ofTypes(types: readonly string[]): Promise<readonly ClusterNode[]> {
    const nodes = await this.lookUp(onlyOne(types));
    return nodes.filter(({type}) => types.includes(type));
  }

  private async *watchTypes(types: readonly string[], signal: AbortSignal) {
    for await (const nodes of this.options.registry.watch(onlyOne(types), signal))
      yield nodes.filter(({type}) => types.includes(type));
  }

  /**
   * Returns each type with why it may be a gate type. Probes a few nodes where that is safe; otherwise only the name
   * counts.
   */
  private async signsOf(all: readonly ClusterNode[]): Promise<readonly FoundType[]> {
    const types = [...new Set(all.map(({type}) => type))].sort();
    const find = async (type: string): Promise<FoundType> => {
      const some = all.filter((node) => node.type === type).slice(0, maxProbedNodes);
      if (!some.every(({source}) => safeSources.includes(source)))
        return {type, sign: isNamedLikeGate(type) ? 'named like a gate' : ''};
      const kinds = await Promise.all(some.map(this.options.probe));
      return {type, sign: kinds.some(({role}) => isGateRole(role)) ? 'answers as a gate' : ''};
    };
    return await Promise.all(types.slice(0, maxProbedTypes).map(find));
  }

  private noGate(wanted: readonly string[], types: readonly FoundType[]): NoGateError {
    const {registry, inboxPrefix} = this.options;
    const quoted = wanted.map((type) => `"${type}"`).join(' or ');
    const gates = types.filter(({sign}) => sign !== '').map(({type}) => type);
    const message = `no gate of type ${quoted} in ${registry.name}${typesText(types)}`;
    if (types.length === 0)
      return new NoGateError(message, {
        hint:
          hintForInboxPrefix(inboxPrefix) ??
          (registry.name === natsDiscoveryName
            ? 'unmodified mqant gates register in consul or etcd: gatectl doctor --registry consul://127.0.0.1:8500'
            : 'is --registry right? a cluster on this machine: gatectl dev'),
      });
    return new NoGateError(message, {
      hint:
        gates.length > 0 && gates.every((type) => /^[\w.-]+$/.test(type)) // as a shell reads it, unquoted
          ? `gatectl gates list --gate-type ${gates.join(',')}`
          : 'pass the type of your gates with --gate-type; to list every node: gatectl gates list --all-types',
    });
  }
}

/** Returns the type if there is only one. The registry can look up one type or all. */
const onlyOne = (types: readonly string[]): string | undefined => (types.length === 1 ? types[0] : undefined);

function ignoreNoGate(error: unknown): readonly ClusterNode[] {
  if (!(error instanceof NoGateError)) throw error;
  return [];
}

/** Formats the types in the registry: `: it has SV_Gate (named like a gate), SV_Lobby`. */
function typesText(types: readonly FoundType[]): string {
  if (types.length === 0) return '';
  const sorted = [...types].sort((one, other) => Number(other.sign !== '') - Number(one.sign !== ''));
  const shown = sorted.slice(0, maxNamedTypes);
  const names = shown.map(({type, sign}) => `${type}${sign === '' ? '' : ` (${sign})`}`).join(', ');
  const more = types.length > shown.length ? ` and ${types.length - shown.length} more` : '';
  return `: it has ${names}${more}`;
}
