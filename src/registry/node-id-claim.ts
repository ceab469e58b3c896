import {hostname} from 'node:os';
import {pid} from 'node:process';
import {settlesWithinMs} from '../base/abort-signals.js';
import {ConflictError} from '../base/errors.js';
import {randomHex} from '../base/random.js';
import type {Bus, BusSubscription} from '../bus/bus.js';
import {findNodeIdHolder} from './node-id-holder.js';
import {tryParseJson} from './node-record.js';
import type {ClusterNode, Registry} from './registry.js';

interface ClaimOptions {
  readonly bus: Bus;
  readonly registry: Registry;
  readonly node: ClusterNode;
  /** When the process started, in Unix milliseconds. */
  readonly startedAt: number;
  /** Starts even if another process uses the id, and stops that process. */
  readonly takeOver?: boolean | undefined;
  /** How long to wait for an answer from a process that uses the id, in milliseconds. */
  readonly timeoutMs?: number | undefined;
}

/** A process that claims a node id. */
interface Contender {
  /** Random id that distinguishes processes that started in the same millisecond. */
  readonly instance: string;
  readonly startedAt: number;
  readonly takeOver: boolean;
  /** True if the process already serves calls. */
  readonly serving: boolean;
  readonly pid: number;
  readonly host: string;
}

interface ClaimMessage {
  /**
   * `claim` is sent to all contenders; `held` tells a contender that it lost; the loser sends `gone` when it has
   * stopped.
   */
  readonly kind: 'claim' | 'held' | 'gone';
  readonly from: Contender;
  /** For `held`: the instance that lost, to which the message is addressed. */
  readonly to?: string | undefined;
}

const defaultTimeoutMs = 1000;
/**
 * How long to wait for the other process, in milliseconds: a superseded gate closes its connections before it stops.
 */
const maxLeaveMs = 5000;

/**
 * Claims a node id. Rejects with ConflictError if another process uses it. Processes that start at the same time
 * exchange claims on the bus; all but one lose, before they serve or shortly after.
 */
export async function claimNodeId(options: ClaimOptions): Promise<NodeIdClaim> {
  const {bus, node, takeOver = false, timeoutMs = defaultTimeoutMs} = options;
  await bus.flush();
  const holder = await findNodeIdHolder({bus, registry: options.registry, node, timeoutMs});
  if (holder !== undefined && !takeOver) {
    throw new ConflictError(`cannot start ${node.id}: ${holder.about}`, {
      hint: 'choose another id, stop that process, or start with --take-over, which stops it',
    });
  }
  const claim = new NodeIdClaim(options);
  try {
    await bus.flush(); // from here on, later claims are received
    claim.announce();
    if (holder?.isSilent === false) await settlesWithinMs(maxLeaveMs, claim.rivalGone);
    return claim;
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** A claimed id, held until it is released or lost to another process. */
export class NodeIdClaim {
  /** Resolves when another process has taken the id. This process must then stop. */
  readonly lost: Promise<ConflictError>;
  /** Resolves when the losing process has left the registry. */
  readonly rivalGone: Promise<void>;
  private self: Contender;
  private loss: ConflictError | undefined;
  private onLost: (error: ConflictError) => void = () => {};
  private onRivalGone: () => void = () => {};
  private readonly subject: string;
  private readonly subscription: BusSubscription;
  private readonly stopStatus: () => void;
  /** Called when a losing process has left, because it may have removed this node's registration. */
  restore: () => void = () => {};

  constructor(private readonly options: ClaimOptions) {
    const {bus, node, startedAt, takeOver = false} = options;
    this.self = {instance: randomHex(8), startedAt, takeOver, serving: false, pid, host: hostname()};
    this.lost = new Promise((resolve) => {
      this.onLost = resolve;
    });
    this.rivalGone = new Promise((resolve) => {
      this.onRivalGone = resolve;
    });
    this.subject = `${node.address}.GatectlClaim`;
    this.subscription = bus.subscribe(this.subject, ({data}) => this.onMessage(messageIn(data)));
    this.stopStatus = bus.onStatus((status) => {
      if (status === 'reconnected') this.announce(); // another process may have claimed the id meanwhile
    });
  }

  announce(): void {
    this.publish({kind: 'claim', from: this.self});
  }

  /** Marks this process as serving, so that newcomers lose. Throws ConflictError if it has already lost. */
  serve(): void {
    if (this.loss !== undefined) throw this.loss;
    this.self = {...this.self, serving: true};
  }

  /** Ends the claim. Must be called after the node has left the registry. */
  release(): void {
    this.stopStatus();
    this.subscription.unsubscribe();
    if (this.loss !== undefined) this.publish({kind: 'gone', from: this.self});
  }

  private onMessage(message: ClaimMessage | undefined): void {
    if (message === undefined || message.from.instance === this.self.instance) return;
    const {kind, from, to} = message;
    if (kind === 'gone') {
      this.onRivalGone();
      if (this.loss === undefined) this.restore();
    } else if (kind === 'claim' || to === this.self.instance) {
      if (isBefore(this.self, from)) this.publish({kind: 'held', from: this.self, to: from.instance});
      else this.lose(from);
    }
  }

  private lose({pid: theirPid, host, takeOver}: Contender): void {
    if (this.loss !== undefined) return;
    const {id} = this.options.node;
    const how = takeOver ? 'took over' : 'holds';
    this.loss = new ConflictError(`${id} stops: pid ${theirPid} on ${host} ${how} this id`, {
      hint: 'give each process its own id',
    });
    this.onLost(this.loss);
  }

  private publish(message: ClaimMessage): void {
    const {bus} = this.options;
    if (bus.connected) bus.publish(this.subject, Buffer.from(JSON.stringify(message)));
  }
}

/**
 * Returns true if the first process keeps the id: the latest one with `takeOver`, else the one that serves, else the
 * one that started first.
 */
function isBefore(one: Contender, other: Contender): boolean {
  if (one.takeOver !== other.takeOver) return one.takeOver;
  const byStart = one.startedAt - other.startedAt || (one.instance < other.instance ? -1 : 1);
  if (one.takeOver) return byStart > 0;
  if (one.serving !== other.serving) return one.serving;
  return byStart < 0;
}

function messageIn(data: Uint8Array): ClaimMessage | undefined {
  const {kind, from, to} = (tryParseJson(data) ?? {}) as Partial<Record<keyof ClaimMessage, unknown>>;
  if (kind !== 'claim' && kind !== 'held' && kind !== 'gone') return undefined;
  const fields = (typeof from === 'object' && from !== null ? from : {}) as Partial<
    Record<keyof Contender, unknown>
  >;
  const {instance, startedAt, host, pid: theirPid} = fields;
  if (typeof instance !== 'string' || typeof startedAt !== 'number' || typeof host !== 'string')
    return undefined;
  if (typeof theirPid !== 'number') return undefined;
  const flags = {takeOver: fields.takeOver === true, serving: fields.serving === true};
  return {
    kind,
    from: {instance, startedAt, host, pid: theirPid, ...flags},
    to: typeof to === 'string' ? to : undefined,
  };
}
