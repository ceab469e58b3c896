import {EventQueue} from '../watch/event-queue.js';
import type {NodeNames} from './naming/node-names.js';
import {type CallQuery, defaultReplyWaitMs} from './trace-query.js';
import type {TracedCall, TraceEvent} from './traced-call.js';
import type {TappedMessage} from './tracer.js';
import {Tracer} from './tracer.js';

/** Maximum number of events queued for a slow reader. */
const maxQueued = 50_000;

/** State of a trace; used for both live traces and replays. */
export class TraceState {
  readonly queue = new EventQueue<TraceEvent>(maxQueued);
  notSaved = 0;
  private readonly tracer: Tracer;
  private notShown = 0;
  /** Number of dropped calls not yet reported in a gap event. */
  private unreported = 0;
  private summaryDue = Number.POSITIVE_INFINITY;

  constructor(
    private readonly query: CallQuery,
    names: NodeNames,
    private readonly from: number,
  ) {
    const {fns, nodes, uids, sessions, exceptCallers, ...others} = query;
    const {waitMs = defaultReplyWaitMs, calls = true, ...rest} = others;
    const onCall = calls ? (call: TracedCall) => this.show(call) : () => {};
    const filter = {fns, nodes, uids, sessions, exceptCallers};
    this.tracer = new Tracer({...rest, filter, waitMs, names, onCall});
    if (query.summaryEveryMs !== undefined) this.summaryDue = from + query.summaryEveryMs;
  }

  hear(message: TappedMessage): void {
    this.tracer.hear(message);
  }

  tick(now: number): void {
    this.tracer.tick(now);
    if (now < this.summaryDue) return;
    this.summaryDue = now + (this.query.summaryEveryMs ?? 0);
    this.queue.put({type: 'summary', summary: this.summary(now), final: false});
  }

  gap(at: number, why: string): void {
    this.tracer.gap();
    this.queue.put({type: 'gap', at, why});
  }

  notice(at: number, message: string): void {
    this.queue.put({type: 'notice', at, message});
  }

  /** Reports pending calls as open, and ends the queue. */
  end(now: number): void {
    this.tracer.tick(now);
    this.tracer.end();
    this.queue.end();
  }

  /** Returns the current statistics. */
  summary(now: number) {
    const {notShown, notSaved, from} = this;
    const counts = {...this.tracer.counts(), notShown, notSaved};
    return {from, to: now, counts, ...this.tracer.summary()};
  }

  private show(call: TracedCall): void {
    if (this.unreported > 0) {
      const why = 'events were dropped: the output is too slow';
      if (this.queue.put({type: 'gap', at: call.at, why, lost: this.unreported})) this.unreported = 0;
    }
    if (this.unreported === 0 && this.queue.put({type: 'call', call})) return;
    this.notShown += 1;
    this.unreported += 1;
  }
}
