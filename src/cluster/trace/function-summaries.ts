import {splitNodeId} from '../../bus/node-address.js';
import {Histogram} from './histogram.js';
import type {FunctionSummary, TracedCall} from './traced-call.js';

interface Totals {
  readonly type: string;
  readonly fn: string;
  readonly durations: Histogram;
  calls: number;
  errors: number;
  unanswered: number;
  callBytes: number;
  replyBytes: number;
}

/** Statistics by node type and function. Names come from the network, so at most `most` functions are kept. */
export class FunctionSummaries {
  selected = 0;
  /** Number of calls of functions beyond the first `most`. */
  others = 0;
  private readonly byName = new Map<string, Totals>();

  constructor(private readonly most = 500) {}

  add(call: TracedCall): void {
    this.selected += 1;
    const totals = this.totalsOf(call);
    if (totals === undefined) {
      this.others += 1;
      return;
    }
    totals.calls += 1;
    totals.callBytes += call.callBytes;
    totals.replyBytes += call.replyBytes;
    if (call.outcome === 'error') totals.errors += 1;
    if (call.outcome === 'unanswered') totals.unanswered += 1;
    if (call.ms !== undefined) totals.durations.add(call.ms * 1000);
  }

  /** Returns the statistics, sorted by number of calls, highest first. */
  summaries(): readonly FunctionSummary[] {
    return [...this.byName.values()]
      .map(({durations, ...counts}) => ({...counts, ...quantilesOf(durations)}))
      .sort((a, b) => b.calls - a.calls || (a.fn < b.fn ? -1 : 1));
  }

  private totalsOf({node, fn}: TracedCall): Totals | undefined {
    const type = splitNodeId(node)[0];
    const name = `${type}\n${fn}`;
    const known = this.byName.get(name);
    if (known !== undefined || this.byName.size >= this.most) return known;
    const counts = {calls: 0, errors: 0, unanswered: 0, callBytes: 0, replyBytes: 0};
    const totals = {type, fn, durations: new Histogram(), ...counts};
    this.byName.set(name, totals);
    return totals;
  }
}

function quantilesOf(durations: Histogram) {
  const ms = (us: number | undefined): number | undefined => (us === undefined ? undefined : us / 1000);
  return {
    p50: ms(durations.quantile(0.5)),
    p95: ms(durations.quantile(0.95)),
    p99: ms(durations.quantile(0.99)),
    max: durations.count === 0 ? undefined : durations.max / 1000,
  };
}
