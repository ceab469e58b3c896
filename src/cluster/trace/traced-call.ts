/**
 * How a call ended. `unanswered`: no answer within the wait. `missed`: its answer may have come while the trace could not
 * hear it. `open`: the trace ended before the answer. `no-reply`: the caller wanted none.
 */
export type CallOutcome = 'ok' | 'error' | 'unanswered' | 'missed' | 'open' | 'no-reply';

/** One call as it was seen on the bus. Everything but the times and sizes is what the caller and the node say. */
export interface TracedCall {
  /** When the call was seen: Unix milliseconds of the tracing machine, with fractions. */
  readonly at: number;
  readonly fn: string;
  /** Node id by the registry; empty where it does not know the address. */
  readonly node: string;
  /** The subject that it was sent to. */
  readonly address: string;
  /** Free text of the caller, since mqant v1.4.8; empty from older ones. */
  readonly caller: string;
  readonly hostname: string;
  /** The session that it is about; empty where it names none, or many. */
  readonly session: string;
  /** Of that session, as far as the bus has told; empty for guests too. */
  readonly uid: string;
  /** How many sessions it names: more than one for SendBatch. */
  readonly sessions: number;
  readonly outcome: CallOutcome;
  /** The node's own words, without stack and without echoed arguments; empty unless the outcome is `error`. */
  readonly error: string;
  /** From the call to its answer on the bus, in milliseconds; undefined where there is none. */
  readonly ms: number | undefined;
  /** Size of the call and of its answer in bytes; 0 without one. */
  readonly callBytes: number;
  readonly replyBytes: number;
  /** Arguments and result, without secrets, where bodies were asked for. */
  readonly body?: CallBody | undefined;
}

export interface CallBody {
  readonly args: readonly unknown[];
  readonly result?: unknown;
}

/** Everything that was heard, accounted for: `calls` is the sum of the next six. */
export interface TraceCounts {
  /** Messages heard. */
  readonly messages: number;
  readonly bytes: number;
  readonly calls: number;
  readonly answered: number;
  readonly noReply: number;
  readonly unanswered: number;
  /** Their answers may have come in a gap. */
  readonly missed: number;
  /** Dropped because more calls were open than are kept. */
  readonly overflowed: number;
  readonly open: number;
  /** Of the answered: those whose answer is an error. */
  readonly errors: number;
  /** Answers to calls that were not heard, or had been given up. */
  readonly strayReplies: number;
  /** Messages that are no envelopes of mqant. */
  readonly foreign: number;
  /** Times in which nothing could be heard; what was sent then is not known. */
  readonly gaps: number;
  /** Calls that were counted and not shown, because the reader was too slow. */
  readonly notShown: number;
  /** Messages that did not get into the capture file. */
  readonly notSaved: number;
}

/** Of one function of one type of node, over the calls that the query selects. Milliseconds. */
export interface FunctionSummary {
  /** Type of the nodes; empty where the registry does not know them. */
  readonly type: string;
  readonly fn: string;
  readonly calls: number;
  readonly errors: number;
  readonly unanswered: number;
  /** Quantiles of the answered calls; off by less than 1/64 of themselves. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
  readonly max: number | undefined;
  readonly callBytes: number;
  readonly replyBytes: number;
}

export interface TraceSummary {
  /** Unix milliseconds of the first and the last moment that it is about. */
  readonly from: number;
  readonly to: number;
  readonly counts: TraceCounts;
  /** Calls that the query selects, whatever their outcome and duration. */
  readonly selected: number;
  /** Most called first. */
  readonly functions: readonly FunctionSummary[];
  /** Calls of functions beyond those that are kept apart. */
  readonly otherCalls: number;
}

/** What a trace hears. */
export type TraceEvent =
  | {readonly type: 'call'; readonly call: TracedCall}
  /** Something was not heard, or not shown; `lost` calls, where that is known. */
  | {readonly type: 'gap'; readonly at: number; readonly why: string; readonly lost?: number | undefined}
  /** For people. */
  | {readonly type: 'notice'; readonly at: number; readonly message: string}
  | {readonly type: 'summary'; readonly summary: TraceSummary; readonly final: boolean};

/** Which calls, and what of them. Every field narrows. */
export interface CallFilter {
  /** Names of functions; `*` stands for any text. */
  readonly fns?: readonly string[] | undefined;
  /** Node ids, or types of nodes. */
  readonly nodes?: readonly string[] | undefined;
  readonly uids?: readonly string[] | undefined;
  readonly sessions?: readonly string[] | undefined;
}
