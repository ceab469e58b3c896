/**
 * How a call ended. `unanswered`: no reply in time. `missed`: the reply may have been lost in a gap. `open`: the
 * trace ended before the reply. `no-reply`: the caller expected none.
 */
export type CallOutcome = 'ok' | 'error' | 'unanswered' | 'missed' | 'open' | 'no-reply';

/** A call observed on the bus. Apart from times and sizes, all values are as claimed by the caller and the node. */
export interface TracedCall {
  /** When the call was observed: Unix milliseconds of the tracing machine, with fractions. */
  readonly at: number;
  readonly fn: string;
  /** Node id from the registry; empty if the registry does not have the address. */
  readonly node: string;
  /** Subject that the call was sent to. */
  readonly address: string;
  /** Free text from callers since mqant v1.4.8; empty for older versions. */
  readonly caller: string;
  readonly hostname: string;
  /** Id of the session concerned; empty for none or several. */
  readonly session: string;
  /** The session's uid, if the bus revealed it; empty for guests. */
  readonly uid: string;
  /** Number of sessions in the call; more than one for SendBatch. */
  readonly sessions: number;
  readonly outcome: CallOutcome;
  /** The node's error text without Go stack and repeated arguments; empty unless the outcome is `error`. */
  readonly error: string;
  /** Time from call to reply on the bus, in milliseconds; undefined without a reply. */
  readonly ms: number | undefined;
  /** Sizes of the call and its reply in bytes; 0 without a reply. */
  readonly callBytes: number;
  readonly replyBytes: number;
  /** Arguments and result, with secrets hidden, if bodies were requested. */
  readonly body?: CallBody | undefined;
}

export interface CallBody {
  readonly args: readonly unknown[];
  readonly result?: unknown;
}

/** Statistics of all observed messages. `calls` is the sum of the six members that follow it. */
export interface TraceCounts {
  /** Messages received. */
  readonly messages: number;
  readonly bytes: number;
  readonly calls: number;
  readonly answered: number;
  readonly noReply: number;
  readonly unanswered: number;
  /** Calls whose reply may have been lost in a gap. */
  readonly missed: number;
  /** Calls dropped because too many were open. */
  readonly overflowed: number;
  readonly open: number;
  /** Answered calls whose reply is an error. */
  readonly errors: number;
  /** Replies to calls that were not observed or had already timed out. */
  readonly strayReplies: number;
  /** Messages that are not mqant envelopes. */
  readonly foreign: number;
  /** Number of periods without reception. Messages sent in them are unknown. */
  readonly gaps: number;
  /** Calls that were counted but not shown because the reader was too slow. */
  readonly notShown: number;
  /** Messages missing from the capture file. */
  readonly notSaved: number;
}

/** Statistics of one function of one node type, over the selected calls. Times are in milliseconds. */
export interface FunctionSummary {
  /** Node type; empty if the registry does not know the node. */
  readonly type: string;
  readonly fn: string;
  readonly calls: number;
  readonly errors: number;
  readonly unanswered: number;
  /** Quantiles of answered calls, accurate to 1/64 of their value. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
  readonly callBytes: number;
  readonly replyBytes: number;
}

export interface TraceSummary {
  /** Start and end of the period, in Unix milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly counts: TraceCounts;
  /** Number of calls that match the query, whatever their outcome and duration. */
  readonly selected: number;
  /** Sorted by number of calls, highest first. */
  readonly functions: readonly FunctionSummary[];
  /** Number of calls of functions beyond the maximum number of functions. */
  readonly otherCalls: number;
}

export type TraceEvent =
  | {readonly type: 'call'; readonly call: TracedCall}
  /** Messages were lost or not shown. `lost` is their number, if known. */
  | {readonly type: 'gap'; readonly at: number; readonly why: string; readonly lost?: number | undefined}
  /** A human-readable message. */
  | {readonly type: 'notice'; readonly at: number; readonly message: string}
  | {readonly type: 'summary'; readonly summary: TraceSummary; readonly final: boolean};

/** Selects calls. All conditions must hold. */
export interface CallFilter {
  /** Function names; `*` matches any string. */
  readonly fns?: readonly string[] | undefined;
  /** Node ids or node types. */
  readonly nodes?: readonly string[] | undefined;
  readonly uids?: readonly string[] | undefined;
  readonly sessions?: readonly string[] | undefined;
  /** Callers whose calls are left out; `*` matches any text. */
  readonly exceptCallers?: readonly string[] | undefined;
}
