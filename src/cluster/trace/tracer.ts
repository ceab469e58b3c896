import {DecodeError} from '../../base/errors.js';
import {RecentMap} from '../../base/recent-map.js';
import {gateErrorTexts, isGateFunction} from '../../bus/gate/gate-functions.js';
import {type CallEnvelope, decodeCall, decodeResult, type ResultEnvelope} from '../../bus/rpc/envelope.js';
import {envelopeKind} from '../../bus/rpc/envelope-kind.js';
import type {Selector} from '../../selector/selector.js';
import {decodeSession} from '../../session/codec/session-protobuf.js';
import {newSession, type Session} from '../../session/session.js';
import {callFilter} from './call-filter.js';
import {displayedCallArguments, displayedCallResult} from './displayed-call-values.js';
import {FunctionSummaries} from './function-summaries.js';
import type {NodeNames} from './naming/node-names.js';
import {isSessionType, sessionOfCall, sessionOfEncodedValue} from './naming/session-of-call.js';
import {copyString, StringInterner} from './naming/string-interner.js';
import {type CallReply, type OpenCall, OpenCalls} from './open-calls.js';
import type {CallFilter, CallOutcome, TraceCounts, TracedCall, TraceSummary} from './traced-call.js';

/** A received message. Its bytes are valid only during the call. */
export interface TappedMessage {
  /** Unix milliseconds with fractions; never decreases. */
  readonly at: number;
  readonly subject: string;
  readonly data: Uint8Array;
}

export interface TracerOptions {
  readonly names: NodeNames;
  readonly filter: CallFilter;
  /** Only calls about matching sessions. */
  readonly where?: Selector | undefined;
  /** Reports only calls that took at least this long; the summary counts all. */
  readonly slowMs?: number | undefined;
  /** Reports only calls that failed or were not answered; the summary counts all. */
  readonly errorsOnly?: boolean | undefined;
  readonly bodies?: boolean | undefined;
  /** Maximum length of an argument or result; 1024 characters by default. */
  readonly maxBodyChars?: number | undefined;
  readonly waitMs: number;
  /** Maximum number of open calls. */
  readonly maxOpen?: number | undefined;
  readonly onCall: (call: TracedCall) => void;
}

/**
 * Turns messages into calls: decodes messages, matches replies, looks up names, filters and counts. Independent of
 * bus and clock.
 */
export class Tracer {
  private readonly open: OpenCalls;
  private readonly functions = new FunctionSummaries();
  /** The last known uid of each session, for calls that contain only the session's id. */
  private readonly uids = new RecentMap<string, string>(100_000);
  private readonly strings = new StringInterner(5000);
  private readonly isWanted: ReturnType<typeof callFilter>;
  private now = 0;
  private messages = 0;
  private bytes = 0;
  private foreign = 0;
  private gaps = 0;

  constructor(private readonly options: TracerOptions) {
    this.isWanted = callFilter(options.filter);
    this.open = new OpenCalls({
      waitMs: options.waitMs,
      most: options.maxOpen ?? 200_000,
      onEnd: (call, outcome, answer) => this.ended(call, outcome, answer),
    });
  }

  hear(message: TappedMessage): void {
    this.now = message.at;
    this.messages += 1;
    this.bytes += message.data.length;
    try {
      const kind = envelopeKind(message.data);
      if (kind === 'call') this.call(message, decodeCall(message.data));
      else if (kind === 'result') this.result(message, decodeResult(message.data));
      else this.foreign += 1;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.foreign += 1;
    }
  }

  /** Ends calls that have waited too long for their reply. */
  tick(now: number): void {
    this.now = now;
    this.open.expire(now);
  }

  /** Call this after messages were lost. Replies to open calls may be among them. */
  gap(): void {
    this.gaps += 1;
    this.open.miss();
  }

  /** Reports the calls that are still open. No message may follow. */
  end(): void {
    this.open.end();
  }

  counts(): Omit<TraceCounts, 'notShown' | 'notSaved'> {
    const {messages, bytes, foreign, gaps} = this;
    return {...this.open.counts, open: this.open.size, messages, bytes, foreign, gaps};
  }

  summary(): Pick<TraceSummary, 'selected' | 'functions' | 'otherCalls'> {
    const {selected, others: otherCalls} = this.functions;
    return {selected, functions: this.functions.summaries(), otherCalls};
  }

  private learn(session: string, uid: string): void {
    if (session === '' || this.uids.get(session) === uid) return;
    this.uids.set(copyString(session), copyString(uid));
  }

  private call({at, subject, data}: TappedMessage, call: CallEnvelope): void {
    const {strings} = this;
    const named = sessionOfCall(call);
    const [id = ''] = named.ids;
    if (named.session !== undefined) this.learn(id, named.uid);
    this.open.begin(call.reply ? keyOf(call.replyTo, call.cid) : undefined, {
      at,
      fn: strings.of(call.fn),
      node: this.options.names.of(subject),
      address: strings.of(subject),
      caller: strings.of(call.caller),
      hostname: strings.of(call.hostname),
      ids: named.ids.map(copyString),
      uid: copyString(named.uid === '' ? (this.uids.get(id) ?? '') : named.uid),
      callBytes: data.length,
      body:
        this.options.bodies === true
          ? {args: displayedCallArguments(call, this.options.maxBodyChars)}
          : undefined,
      session: this.read(named.session),
    });
  }

  private result({at, subject, data}: TappedMessage, result: ResultEnvelope): void {
    const session = isSessionType(result.resultType) && result.error === '' ? result.result : undefined;
    const subjectOfReply = sessionOfEncodedValue(session);
    if (subjectOfReply.session !== undefined) this.learn(subjectOfReply.ids[0] ?? '', subjectOfReply.uid);
    this.open.answer(keyOf(subject, result.cid), {
      at,
      error: result.error === '' || isNo(result) ? '' : publicErrorText(result.error),
      bytes: data.length,
      uid: subjectOfReply.uid,
      result:
        this.options.bodies === true ? displayedCallResult(result, this.options.maxBodyChars) : undefined,
      session: this.read(session),
    });
  }

  /** Decodes a session, but only if a selector needs it. */
  private read(bytes: Uint8Array | undefined): Session | undefined {
    if (bytes === undefined || this.options.where === undefined) return undefined;
    return decodeSession(Buffer.from(bytes));
  }

  private ended(open: OpenCall, outcome: CallOutcome, answer: CallReply | undefined): void {
    const call = tracedCall(open, outcome, answer);
    if (!this.isWanted(call, open.ids) || !this.matches(open, call, answer)) return;
    this.functions.add(call);
    const {slowMs, errorsOnly, onCall} = this.options;
    if (errorsOnly === true && outcome !== 'error' && outcome !== 'unanswered') return;
    if (slowMs !== undefined && (call.ms ?? this.now - call.at) < slowMs) return;
    onCall(call);
  }

  /** Returns true if the selector matches the session in the gate's reply, else in the call, else the known ids. */
  private matches(open: OpenCall, call: TracedCall, answer: CallReply | undefined): boolean {
    const {where} = this.options;
    if (where === undefined) return true;
    if (open.ids.length === 0) return false;
    const known = answer?.session ?? open.session;
    return open.ids.some((id) => {
      const session =
        known ?? newSession({sessionId: id, userId: this.uids.get(id) ?? '', serverId: call.node});
      const row = {session, ...unknown};
      return where.matches(row, gateOf(session, call), call.at);
    });
  }
}

/** Values that only the gate knows; terms on them never match. */
const unknown = {connectedAt: 0, lastActiveAt: 0, received: Number.NaN, sent: Number.NaN};

const keyOf = (replyTo: string, cid: string): string => `${replyTo}\n${cid}`;

/**
 * Returns the gate of a call's session. A call to a gate concerns a session of that gate, a call to a module one of
 * the gate that sent it.
 */
const gateOf = (session: Session, {fn, node}: TracedCall): string =>
  isGateFunction(fn) && node !== '' ? node : session.serverId;

/** Whether IsConnect answered "no": mqant then returns an error text besides the bool. */
const isNo = ({error, resultType}: ResultEnvelope): boolean =>
  error !== '' && resultType === 'bool' && error.startsWith(gateErrorTexts.notConnected('').slice(0, -1));

/** Builds the call field by field: spreading the object would cost more than all other work on a call. */
function tracedCall(open: OpenCall, outcome: CallOutcome, answer: CallReply | undefined): TracedCall {
  const {ids, body} = open;
  const call: TracedCall = {
    at: open.at,
    fn: open.fn,
    node: open.node,
    address: open.address,
    caller: open.caller,
    hostname: open.hostname,
    session: ids.length === 1 ? (ids[0] ?? '') : '',
    uid: answer !== undefined && answer.uid !== '' ? answer.uid : open.uid,
    sessions: ids.length,
    outcome,
    error: answer === undefined ? '' : answer.error,
    ms: answer === undefined ? undefined : answer.at - open.at,
    callBytes: open.callBytes,
    replyBytes: answer === undefined ? 0 : answer.bytes,
  };
  if (body === undefined) return call;
  return {...call, body: answer === undefined ? body : {...body, result: answer.result}};
}

const maxErrorChars = 300;

/**
 * Returns a node's error text without sensitive parts. mqant appends a Go stack (rpc/base/rpc_server.go), and repeats
 * the arguments as decimal bytes if their number is wrong.
 */
function publicErrorText(error: string): string {
  const [message = ''] = error.split('----Stack----', 1);
  const short = message.trim().replace(/(The number of params )\[\[[\d\s[\]]*\]/, '$1[…]');
  return short.length <= maxErrorChars ? short : `${short.slice(0, maxErrorChars)}…`;
}
