import {afterTimeout} from '../../base/abort-signals.js';
import {monotonicMs} from '../../base/clock.js';
import type {PendingCall} from './pending-call.js';

/** Calls with the same timeout, in order of their start and therefore of their deadlines. */
interface Row {
  first: PendingCall | undefined;
  last: PendingCall | undefined;
  /** Cancels the row's timer. */
  disarm: (() => void) | undefined;
}

/** Resolution of timers, in milliseconds. */
const tickMs = 1;
const maxTimerMs = 2 ** 31 - 1;

/** Watches the deadlines of calls with one timer per distinct timeout. */
export class CallDeadlines {
  private readonly rows = new Map<number, Row>();

  constructor(
    private readonly onDeadline: (call: PendingCall) => void,
    private readonly now: () => number = monotonicMs,
  ) {}

  add(call: PendingCall, waitMs: number): void {
    call.waitMs = Math.ceil(waitMs);
    call.deadline = this.now() + call.waitMs;
    const row = this.rowOf(call.waitMs);
    const {last} = row;
    call.before = last;
    if (last === undefined) row.first = call;
    else last.after = call;
    row.last = call;
    if (row.disarm === undefined) this.arm(row, call.waitMs);
  }

  /** Stops watching a call. Must be called exactly once per added call. */
  remove(call: PendingCall): void {
    const row = this.rowOf(call.waitMs);
    const {before, after} = call;
    if (before === undefined) row.first = after;
    else before.after = after;
    if (after === undefined) row.last = before;
    else after.before = before;
    call.before = undefined;
    call.after = undefined;
    if (row.first !== undefined) return;
    row.disarm?.();
    this.rows.delete(call.waitMs);
  }

  private rowOf(waitMs: number): Row {
    let row = this.rows.get(waitMs);
    if (row === undefined) {
      row = {first: undefined, last: undefined, disarm: undefined};
      this.rows.set(waitMs, row);
    }
    return row;
  }

  private arm(row: Row, ms: number): void {
    row.disarm = afterTimeout(Math.min(ms, maxTimerMs), () => this.onTimer(row));
  }

  /** Ends calls whose deadline has passed, and sets the timer for the next one. */
  private onTimer(row: Row): void {
    const now = this.now();
    while (row.first !== undefined && row.first.deadline - now < tickMs) this.onDeadline(row.first);
    if (row.first !== undefined) this.arm(row, row.first.deadline - now);
  }
}
