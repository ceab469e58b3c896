import {NegativeError} from '../base/errors.js';
import {GateClient} from '../bus/gate/gate-client.js';
import type {Caller} from '../bus/rpc/caller.js';
import {SessionQueue} from '../bus/rpc/session-queue.js';
import type {NodeDirectory} from '../registry/node-directory.js';
import type {GuestRule} from '../session/session.js';

/** What a session asks of its gate: mqant's functions, and a Send that wants no answer. */
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

/** What a session needs of its module: the way to its gate. */
export interface SessionGates {
  /** The gate of a node id. Rejects with NegativeError when the registry has no such node. */
  gateOf(serverId: string): Promise<SessionGate>;
  readonly guestRule?: GuestRule | undefined;
}

export interface SessionGatesOptions {
  readonly caller: Caller;
  readonly directory: NodeDirectory;
  readonly maxPayloadBytes: number;
  readonly guestRule?: GuestRule | undefined;
}

/** All sessions of a module share one queue, so that no two calls on one session overlap, whoever makes them. */
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
