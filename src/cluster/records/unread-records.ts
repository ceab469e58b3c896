import type {UnreadRecord} from '../../session/gate-api.js';
import {type OutcomeNode, outcomeNodeFields} from '../read/gather.js';
import type {GateOutcome, UnreadRecordsSummary} from '../result-types.js';

const maxKept = 100;
const maxShown = 10;

/** Records that could not be read from one gate or store, each counted once. */
export class UnreadRecords {
  private readonly uids = new Set<string>();
  private readonly first: UnreadRecord[] = [];

  add(records: readonly UnreadRecord[]): void {
    for (const record of records) {
      if (this.uids.has(record.uid)) continue;
      this.uids.add(record.uid);
      if (this.first.length < maxKept) this.first.push(record);
    }
  }

  get tally(): UnreadRecordsSummary | undefined {
    return this.uids.size === 0 ? undefined : {count: this.uids.size, first: this.first};
  }
}

/** Returns the outcome of a gate that returned `count` records and could not read others. */
export function unreadOutcome(
  node: OutcomeNode,
  {ms, count, unread}: {readonly ms: number; readonly count: number; readonly unread: UnreadRecordsSummary},
): GateOutcome {
  const other = unread.first.find(({reason}) => reason !== 'not-permitted');
  const reason = other?.reason ?? 'not-permitted';
  const message = unreadText(unread);
  return {...outcomeNodeFields(node), status: 'failed', reason, message, ms: Math.round(ms), count, unread};
}

/** Describes unread records, for example `2 records could not be read: "u1", "u2" (NOPERM …)`. */
export function unreadText({count, first}: UnreadRecordsSummary): string {
  const byMessage = new Map<string, string[]>();
  for (const {uid, message} of first.slice(0, maxShown))
    byMessage.set(message, [...(byMessage.get(message) ?? []), JSON.stringify(uid)]);
  const named = [...byMessage].map(([message, uids]) => `${uids.join(', ')} (${message})`).join('; ');
  const more = count > maxShown ? `; and ${count - maxShown} more` : '';
  return `${count === 1 ? '1 record' : `${count} records`} could not be read: ${named}${more}`;
}

/** Returns true if every failure is a missing permission, of the operator or of a gate in its store. */
export function allLackPermission(outcomes: readonly GateOutcome[]): boolean {
  const failed = outcomes.filter(({status}) => status === 'failed');
  return failed.length > 0 && failed.every(isNotPermitted);
}

const isNotPermitted = ({reason, message = ''}: GateOutcome): boolean =>
  reason === 'not-permitted' || /\bNOPERM\b/.test(message);
