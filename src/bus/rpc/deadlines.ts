import {monotonicMs} from '../../base/clock.js';
import {afterTimeout} from '../../base/signals.js';
import type {PendingCall} from './pending-call.js';

/** Calls with the same timeout in order of start, which is the order of their deadlines. */
interface Row {
  first: PendingCall | undefined;
  last: PendingCall | undefined;
  /** Cancels the timer. */
  disarm: (() => void) | undefined;
}

/** Timers have a resolution of 1 ms. */
const tickMs = 1;
const longestTimerMs = 2 ** 31 - 1;

/** Watches call deadlines with one timer per distinct timeout. */
export class Deadlines {
  private readonly rows = new Map<number, Row>();

  constructor(
    private readonly onLate: (call: PendingCall) => void,
    private readonly now: () => number = monotonicMs,
  ) {}

  add(call: PendingCall, patienceMs: number): void {
    call.patienceMs = Math.ceil(patienceMs);
    call.deadline = this.now() + call.patienceMs;
    const row = this.rowOf(call.patienceMs);
    const {last} = row;
    call.before = last;
    if (last === undefined) row.first = call;
    else last.after = call;
    row.last = call;
    if (row.disarm === undefined) this.arm(row, call.patienceMs);
  }

  /** Must be called once for each added call. */
  remove(call: PendingCall): void {
    const row = this.rowOf(call.patienceMs);
    const {before, after} = call;
    if (before === undefined) row.first = after;
    else before.after = after;
    if (after === undefined) row.last = before;
    else after.before = before;
    call.before = undefined;
    call.after = undefined;
    if (row.first !== undefined) return;
    row.disarm?.();
    this.rows.delete(call.patienceMs);
  }

  private rowOf(patienceMs: number): Row {
    let row = this.rows.get(patienceMs);
    if (row === undefined) {
      row = {first: undefined, last: undefined, disarm: undefined};
      this.rows.set(patienceMs, row);
    }
    return row;
  }

  private arm(row: Row, ms: number): void {
    row.disarm = afterTimeout(Math.min(ms, longestTimerMs), () => this.onTimer(row));
  }

  /** The first call may have started after the one that the timer was set for. */
  private onTimer(row: Row): void {
    const now = this.now();
    while (row.first !== undefined && row.first.deadline - now < tickMs) this.onLate(row.first);
    if (row.first !== undefined) this.arm(row, row.first.deadline - now);
  }
}
