import {NegativeError} from '../base/errors.js';
import {GateClient} from '../bus/gate/gate-client.js';
import type {Caller} from '../bus/rpc/caller.js';
import {SessionQueue} from '../bus/rpc/session-queue.js';
import type {NodeDirectory} from '../registry/node-directory.js';
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
 * Creates SessionGates for a module. All of its sessions share one queue, so calls on the same session never overlap.
 */
export function sessionGates(options: SessionGatesOptions): SessionGates {
  const {caller, directory, maxPayloadBytes, guestRule} = options;
  const queue = new SessionQueue();
  return {
    guestRule,
    async gateOf(serverId) {
      const found = await directory.find(serverId);
      if (found === undefined) throw new NegativeError(`Service not found id(${serverId})`); // mqant's words
      const {id: node, address, subjectPerFunction} = found;
      return new GateClient({caller, target: {node, address, subjectPerFunction}, maxPayloadBytes, queue});
    },
  };
}
