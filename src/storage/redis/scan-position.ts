import {UsageError} from '../../base/errors.js';
import {SlotSet} from './cluster-slots.js';

/** Position of a scan on one server. */
export interface ServerPosition {
  /**
   * Identity of the server's process, because a cursor is valid only in the same process. Empty if the server does
   * not report it.
   */
  readonly run: string;
  readonly cursor: string;
}

/**
 * Position of a scan in a cluster. A slot is covered once a single master has served it during the whole scan of its
 * keys. Records in slots that move meanwhile are scanned again on the new master.
 */
export interface ClusterPosition extends ServerPosition {
  /** Node id of the master that is being scanned; empty between two masters. */
  readonly node: string;
  /** Slots that this master has served since its scan began. */
  readonly kept: SlotSet;
  readonly covered: SlotSet;
  /** Number of scans since the last one that covered a slot. */
  readonly vain: number;
}

export const initialServerPosition: ServerPosition = {run: '', cursor: '0'};

const invalid = (text: string): UsageError =>
  new UsageError(`invalid cursor ${JSON.stringify(text.slice(0, 100))} for this store`);

export function parseServerPosition(text: string): ServerPosition {
  if (text === '') return initialServerPosition;
  const [, run, cursor] = /^(\w{0,40})\.(\d{1,20})$/.exec(text) ?? [];
  if (run === undefined || cursor === undefined) throw invalid(text);
  return {run, cursor};
}

export const formatServerPosition = ({run, cursor}: ServerPosition): string => `${run}.${cursor}`;

export function parseClusterPosition(text: string): ClusterPosition {
  const none = SlotSet.empty();
  if (text === '') return {...initialServerPosition, node: '', kept: none, covered: none, vain: 0};
  const [, node, run, cursor, kept = '', covered = '', vain] =
    /^(\w{0,40})\.(\w{0,40})\.(\d{1,20})\.([\w-]{1,3000})\.([\w-]{1,3000})\.(\d)$/.exec(text) ?? [];
  const [keptSlots, coveredSlots] = [SlotSet.parse(kept), SlotSet.parse(covered)];
  if (node === undefined || run === undefined || cursor === undefined || !keptSlots || !coveredSlots)
    throw invalid(text);
  return {node, run, cursor, kept: keptSlots, covered: coveredSlots, vain: Number(vain)};
}

export const formatClusterPosition = ({node, run, cursor, kept, covered, vain}: ClusterPosition): string =>
  [node, run, cursor, kept, covered, vain].join('.');
