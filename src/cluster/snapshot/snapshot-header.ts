import {UsageError} from '../../base/errors.js';
import type {ClusterNode} from '../../registry/registry.js';
import type {GateInfo, GateStats} from '../../session/gate-api.js';
import type {GateOutcome} from '../result-types.js';

/** A gate when the snapshot was saved: its node, the outcome of its listing, and what it reported about itself. */
export interface SnapshotGate {
  readonly node: ClusterNode;
  readonly outcome: GateOutcome;
  readonly info?: GateInfo | undefined;
  readonly stats?: GateStats | undefined;
}

/** Number of saved records, and an outcome per gate. */
export interface SavedRecordsSummary {
  readonly count: number;
  readonly gates: readonly GateOutcome[];
}

/** The first line of a snapshot. Written last, because it contains the outcome of the listing. */
export interface SnapshotHeader {
  readonly version: 1;
  /** Version of gatectl that saved the snapshot. */
  readonly gatectl: string;
  readonly context: string | null;
  /** The server's address without credentials. */
  readonly server: string;
  readonly registry: string;
  /** When the listing started: ISO 8601, UTC. */
  readonly savedAt: string;
  /** Selector of the saved sessions; null for all. */
  readonly where: string | null;
  readonly sessions: number;
  readonly complete: boolean;
  readonly gates: readonly SnapshotGate[];
  /** Null if records were not saved. */
  readonly records?: SavedRecordsSummary | null | undefined;
}

/** Parses the first line of a snapshot. Throws UsageError for an invalid header. */
export function parseSnapshotHeader(value: unknown, file: string): SnapshotHeader {
  const header = (value as {readonly snapshot?: Partial<SnapshotHeader> | null} | null)?.snapshot;
  if (header === undefined || header === null || typeof header !== 'object') {
    throw new UsageError(`"${file}" is not a gatectl snapshot`, {
      hint: 'to save one: gatectl snapshot save <file>; to list those saved: gatectl snapshot list',
    });
  }
  if (header.version !== 1) {
    throw new UsageError(
      `"${file}" has snapshot format ${header.version}, which this version of gatectl cannot read`,
    );
  }
  const {sessions, savedAt, gates, records = null} = header;
  const isWhole =
    Number.isSafeInteger(sessions) &&
    typeof savedAt === 'string' &&
    Array.isArray(gates) &&
    gates.every(isGate) &&
    (records === null || isSaved(records));
  if (!isWhole) throw new UsageError(`the header of the snapshot "${file}" is damaged`);
  const texts = {gatectl: '', server: '', registry: '', context: null, where: null, complete: false};
  return {...texts, ...(header as SnapshotHeader)};
}

function isSaved({count, gates}: Partial<SavedRecordsSummary>): boolean {
  return Number.isSafeInteger(count) && Array.isArray(gates) && gates.every(isOutcome);
}

function isGate(value: unknown): boolean {
  const {node, outcome} = (value ?? {}) as Partial<SnapshotGate>;
  return typeof node?.id === 'string' && isOutcome(outcome);
}

function isOutcome(value: unknown): boolean {
  const {node, status} = (value ?? {}) as Partial<GateOutcome>;
  return typeof node === 'string' && typeof status === 'string';
}
