import type {CallError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {LocatedRow} from '../answers.js';

/** Finds sessions of gates that cannot list theirs. Every row was confirmed by its gate. */
export interface StockFinder {
  /** Errors of gates that did not reply, once the rows have ended. */
  readonly failures: ReadonlyMap<string, CallError>;
  /** Human-readable reasons why a source is missing. */
  readonly sourceFailures: readonly string[];
  all(signal: AbortSignal | undefined): AsyncIterable<LocatedRow>;
  /** Resolves with whether the gate has a connection of the uid; undefined if it did not reply. */
  isOnline(gate: string, uid: string): Promise<boolean | undefined>;
  /** With `oneEach`, one session of each gate is enough, so that a tap may end early. */
  ofUid(uid: string, options?: {readonly oneEach: boolean}): Promise<readonly LocatedRow[]>;
}

/** Returns a finder for these gates. */
export type FindStock = (gates: readonly ClusterNode[]) => StockFinder;
