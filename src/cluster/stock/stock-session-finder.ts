import type {CallError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {LocatedRow} from '../result-types.js';

/** Finds sessions of gates that cannot list them. Every row has been confirmed by its gate. */
export interface StockSessionFinder {
  /** Errors of gates that did not reply, by node id; complete once the rows have ended. */
  readonly failures: ReadonlyMap<string, CallError>;
  /** Human-readable reasons why a source could not be read. */
  readonly sourceFailures: readonly string[];
  all(signal: AbortSignal | undefined): AsyncIterable<LocatedRow>;
  /** Resolves with whether the uid is connected to the gate; undefined if the gate did not reply. */
  isOnline(gate: string, uid: string): Promise<boolean | undefined>;
  /** With `oneEach`, one session per gate is enough, so a tap may end early. */
  ofUid(uid: string, options?: {readonly oneEach: boolean}): Promise<readonly LocatedRow[]>;
}

/** Returns a finder for these gates. */
export type CreateStockFinder = (gates: readonly ClusterNode[]) => StockSessionFinder;
