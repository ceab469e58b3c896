import {NegativeError} from '../base/errors.js';
import {GateClient} from '../bus/gate/gate-client.js';
import type {Caller} from '../bus/rpc/caller.js';
import {SessionQueue} from '../bus/rpc/session-queue.js';
import type {NodeDirectory} from '../registry/node-directory.js';
import type {CallOptions, DeliverQuery, DeliveryOutcome} from '../session/gate-api.js';
import {UnsupportedError} from '../session/node-kind.js';
import type {GuestRule} from '../session/session.js';

/** The gate functions that a session calls, including the Send that gets no reply. */
export type SessionGate = Pick<
  GateClient,
  | 'update'
  | 'bind'
  | 'unbind'
  | 'push'
  | 'set'
  | 'remove'
  | 'send'
  | 'deliver'
  | 'sendNoReply'
  | 'sendBatch'
  | 'broadcast'
  | 'isConnect'
  | 'close'
>;

/** Returns the gates that sessions call. */
export interface SessionGates {
  /** Returns the gate with this node id. Rejects with NegativeError if the registry does not have the node. */
  gateOf(serverId: string): Promise<SessionGate>;
  readonly guestRule?: GuestRule | undefined;
}

interface SessionGatesOptions {
  readonly caller: Caller;
  readonly directory: NodeDirectory;
  readonly maxPayloadBytes: number;
  readonly guestRule?: GuestRule | undefined;
}

/**
 * Calls a gate, and remembers if it lacks `GatectlDeliver`. mqant handles a call of a missing function on the only
 * goroutine that receives calls, so such calls must stay rare.
 */
class SessionGateClient extends GateClient {
  constructor(
    private readonly clientOptions: ConstructorParameters<typeof GateClient>[0],
    /** Addresses of gates without `GatectlDeliver`. A restarted mqant gate has another address. */
    private readonly withoutQos1: Set<string>,
  ) {
    super(clientOptions);
  }

  override async deliver(
    query: DeliverQuery,
    body: Uint8Array,
    options?: CallOptions,
  ): Promise<readonly DeliveryOutcome[]> {
    const {address} = this.clientOptions.target;
    if (this.withoutQos1.has(address)) throw new UnsupportedError(this.nodeId, 'GatectlDeliver');
    try {
      return await super.deliver(query, body, options);
    } catch (error) {
      if (error instanceof UnsupportedError) this.withoutQos1.add(address);
      throw error;
    }
  }
}

/**
 * Creates SessionGates for a module. All of its sessions share one queue, so calls on the same session never overlap.
 */
export function createSessionGates(options: SessionGatesOptions): SessionGates {
  const {caller, directory, maxPayloadBytes, guestRule} = options;
  const queue = new SessionQueue();
  const withoutQos1 = new Set<string>();
  return {
    guestRule,
    async gateOf(serverId) {
      const found = await directory.find(serverId);
      if (found === undefined) throw new NegativeError(`Service not found id(${serverId})`); // the text is mqant's
      const {id: node, address, subjectPerFunction} = found;
      const target = {node, address, subjectPerFunction};
      return new SessionGateClient({caller, target, maxPayloadBytes, queue}, withoutQos1);
    },
  };
}
