import type {FunctionSummary, TracedCall, TraceEvent, TraceSummary} from '../cluster/cluster.js';
import type {DocumentTail, Presenter} from '../output/formats/presenter.js';
import {formatPlural} from '../output/text/humanize.js';
import {safeJson} from '../output/text/safe-text.js';
import {isoTime} from './time-format.js';

/** Column widths in tables, in characters. */
export const traceColumnWidths: Readonly<Record<string, number>> = {
  ...{AT: 12, NODE: 18, FN: 14, CALLER: 16, ID: 16, UID: 10, MS: 8, OUTCOME: 10},
  ...{'CALL BYTES': 10, 'REPLY BYTES': 11},
};

/** Column widths on terminals that are too narrow for `traceColumnWidths`. NODE is left out there. */
export const narrowTraceColumnWidths: typeof traceColumnWidths = {
  ...traceColumnWidths,
  ...{FN: 12, UID: 8, MS: 5, OUTCOME: 7},
};

/** Presents calls and gaps, one per row. Summaries have no row. `clock` formats Unix milliseconds. */
export function tracePresenter(clock: (unixMs: number) => string): Presenter<TraceEvent> {
  const cell = (read: (call: TracedCall) => string) => (entry: TraceEvent) =>
    entry.type === 'call' ? read(entry.call) : '-';
  return {
    columns: [
      {header: 'AT', cell: (entry) => clock(Math.floor(eventTime(entry)))},
      {header: 'NODE', cell: cell(({node, address}) => node || address)},
      {
        header: 'FN',
        cell: (entry) => (entry.type === 'call' ? entry.call.fn : entry.type.toUpperCase()),
      },
      {header: 'CALLER', cell: cell(callerText), wide: true},
      {header: 'ID', cell: cell(({session, sessions}) => session || sessionsText(sessions))},
      {header: 'UID', cell: cell(({uid}) => uid || '-')},
      {header: 'MS', cell: cell(({ms}) => millisecondsText(ms))},
      {header: 'OUTCOME', cell: cell(({outcome}) => outcome)},
      {header: 'CALL BYTES', cell: cell(({callBytes}) => String(callBytes)), wide: true},
      {header: 'REPLY BYTES', cell: cell(({replyBytes}) => String(replyBytes)), wide: true},
      {header: 'DETAIL', cell: detailOf},
    ],
    record: traceRecord,
    id: (entry) => (entry.type === 'call' ? `${entry.call.node}/${entry.call.session}` : entry.type),
  };
}

/** Formats a latency, which is measured to the microsecond. */
const millisecondsText = (ms: number | undefined): string =>
  ms === undefined ? '-' : ms.toFixed(ms < 100 ? 2 : 0);

const sessionsText = (count: number): string => (count === 0 ? '-' : formatPlural(count, 'session'));

function callerText({caller, hostname}: TracedCall): string {
  if (caller === '' || caller === hostname) return hostname || '-';
  return hostname === '' ? caller : `${caller} ${hostname}`;
}

function eventTime(entry: TraceEvent): number {
  if (entry.type === 'call') return entry.call.at;
  return entry.type === 'summary' ? entry.summary.to : entry.at;
}

function detailOf(entry: TraceEvent): string {
  switch (entry.type) {
    case 'call':
      return [entry.call.error, callBodyText(entry.call)].filter((text) => text !== '').join(' ');
    case 'gap':
      return entry.lost === undefined
        ? entry.why
        : `${formatPlural(entry.lost, 'call')} not shown: ${entry.why}`;
    case 'notice':
      return entry.message;
    case 'summary':
      return '';
    default:
      return entry satisfies never;
  }
}

/** Formats arguments and result. Leaves out the trace argument, which is of no use to a reader. */
export function callBodyText({body}: TracedCall): string {
  if (body === undefined) return '';
  const args = body.args.map((arg) => safeJson(arg)).join(', ');
  return 'result' in body ? `(${args}) -> ${safeJson(body.result)}` : `(${args})`;
}

/** Returns the documented JSON of an event. New versions only add members. */
function traceRecord(entry: TraceEvent) {
  const {type} = entry;
  const at = isoTime(Math.floor(eventTime(entry)));
  switch (entry.type) {
    case 'call': {
      const {
        node,
        address,
        fn,
        caller,
        hostname,
        session: id,
        uid,
        sessions,
        outcome,
        error,
        body,
      } = entry.call;
      const ms = roundedMs(entry.call.ms);
      const sizes = {callBytes: entry.call.callBytes, replyBytes: entry.call.replyBytes};
      const who = {node: node === '' ? null : node, address, fn, caller, hostname, id, uid, sessions};
      return {type, at, ...who, outcome, error, ms, ...sizes, ...(body === undefined ? {} : {body})};
    }
    case 'gap':
      return {type, at, lost: entry.lost ?? null, why: entry.why};
    case 'notice':
      return {type, at, message: entry.message};
    case 'summary':
      return {type, at};
    default:
      return entry satisfies never;
  }
}

/** Rounds to microseconds; null for undefined. */
const roundedMs = (ms: number | undefined): number | null =>
  ms === undefined ? null : Math.round(ms * 1000) / 1000;

/** Presents call counts and latencies per function, over a trace of `spanMs` milliseconds. */
export function traceSummaryPresenter(spanMs: number): Presenter<FunctionSummary> {
  const count = (header: string, read: (row: FunctionSummary) => number) =>
    ({header, cell: (row: FunctionSummary) => String(read(row)), align: 'right'}) as const;
  const time = (header: string, read: (row: FunctionSummary) => number | undefined) =>
    ({header, cell: (row: FunctionSummary) => millisecondsText(read(row)), align: 'right'}) as const;
  return {
    columns: [
      {header: 'FN', cell: ({fn}) => fn, fit: 'whole'},
      {header: 'TYPE', cell: ({type}) => type || '-'},
      count('CALLS', ({calls}) => calls),
      {header: 'PER SECOND', cell: ({calls}) => perSecond(calls, spanMs).toFixed(1), align: 'right'},
      count('ERRORS', ({errors}) => errors),
      count('UNANSWERED', ({unanswered}) => unanswered),
      time('MS P50', ({p50}) => p50),
      time('MS P95', ({p95}) => p95),
      time('MS P99', ({p99}) => p99),
      time('MS MAX', ({max}) => max),
      {...count('CALL BYTES', ({callBytes}) => callBytes), wide: true},
      {...count('REPLY BYTES', ({replyBytes}) => replyBytes), wide: true},
    ],
    record: (row) => ({...functionRecord(row), perSecond: roundedMs(perSecond(row.calls, spanMs)) ?? 0}),
    id: ({type, fn}) => `${type}.${fn}`,
  };
}

const perSecond = (calls: number, spanMs: number): number => (spanMs > 0 ? (calls * 1000) / spanMs : 0);

function functionRecord({
  type,
  fn,
  calls,
  errors,
  unanswered,
  p50,
  p95,
  p99,
  max,
  ...bytes
}: FunctionSummary) {
  const ms = {p50: roundedMs(p50), p95: roundedMs(p95), p99: roundedMs(p99), max: roundedMs(max)};
  return {fn, type: type === '' ? null : type, calls, errors, unanswered, ms, ...bytes};
}

export const isCompleteTrace = ({counts}: TraceSummary): boolean =>
  counts.missed + counts.overflowed + counts.gaps + counts.notShown + counts.notSaved === 0;

/** Returns the JSON members that follow the functions. */
export function traceSummaryJson(summary: TraceSummary): DocumentTail {
  const {from, to, counts, selected, otherCalls} = summary;
  const span = {from: isoTime(Math.floor(from)), to: isoTime(Math.floor(to))};
  return {...span, ...counts, selected, otherCalls, complete: isCompleteTrace(summary)};
}
