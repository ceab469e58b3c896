import type {BulkAction, ClusterReader, ClusterWriter, Target, TargetOutcome} from '../../cluster/cluster.js';
import {type ConnectRateGuard, guardConnectRate} from '../../cluster/write/connect-rate-guard.js';
import type {BulkOptions} from '../../cluster/write/paced-writes.js';
import type {BulkWriteInput} from './bulk-flags.js';

/** Rate, error limit, abort signal, and the callback before each write. */
type WritePace = Pick<BulkOptions, 'rate' | 'maxErrors' | 'signal' | 'onBegin'>;

/** Writes to targets of one kind. */
export interface BulkWriter {
  /** What a target is called in messages. */
  readonly noun: 'session' | 'record';
  writeAll(targets: readonly Target[], pace: WritePace): AsyncIterable<TargetOutcome>;
  /** Yields `done` for each target that is unchanged since its plan was made. Writes nothing. */
  check(targets: readonly Target[], pace: WritePace): AsyncIterable<TargetOutcome>;
  /** Limits the rate of new connections while the write runs. */
  watch?(targets: readonly Target[], pace: BulkWriteInput, signal: AbortSignal): ConnectRateGuard;
}

export function createSessionWriter(cluster: ClusterReader & ClusterWriter, action: BulkAction): BulkWriter {
  return {
    noun: 'session',
    writeAll: (targets, pace) => cluster.writeAll(targets, action, pace),
    check: (targets, pace) => cluster.writeAll(targets, {verb: 'check'}, pace),
    watch: (targets, {rate, maxConnects}, signal) =>
      guardConnectRate({cluster, verb: action.verb, targets, rate, maxConnects, signal}),
  };
}
