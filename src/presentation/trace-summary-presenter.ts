import type {FunctionSummary, TraceSummary} from '../cluster/cluster.js';
import type {DocumentTail, Presenter} from '../output/formats/presenter.js';
import {isoTime} from './time.js';
import {millisecondsText, roundedMs} from './trace-presenter.js';

/** Presents call counts and latencies per function over `spanMs`. */
export function traceSummaryPresenter(spanMs: number): Presenter<FunctionSummary> {
  const count = (header: string, read: (row: FunctionSummary) => number) =>
    ({header, cell: (row: FunctionSummary) => String(read(row)), align: 'right'}) as const;
  const time = (header: string, read: (row: FunctionSummary) => number | undefined) =>
    ({header, cell: (row: FunctionSummary) => millisecondsText(read(row)), align: 'right'}) as const;
  return {
    columns: [
      {header: 'FUNCTION', cell: ({fn}) => fn, fit: 'whole'},
      {header: 'TYPE', cell: ({type}) => type || '-'},
      count('CALLS', ({calls}) => calls),
      {header: 'PER S', cell: ({calls}) => perSecond(calls, spanMs).toFixed(1), align: 'right'},
      count('ERRORS', ({errors}) => errors),
      count('UNANSWERED', ({unanswered}) => unanswered),
      time('P50 MS', ({p50}) => p50),
      time('P95 MS', ({p95}) => p95),
      time('P99 MS', ({p99}) => p99),
      time('MAX MS', ({max}) => max),
      {...count('BYTES IN', ({callBytes}) => callBytes), wide: true},
      {...count('BYTES OUT', ({replyBytes}) => replyBytes), wide: true},
    ],
    record: functionRecord,
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

/** The JSON members that follow the functions. */
export function traceSummaryTail(summary: TraceSummary): DocumentTail {
  const {from, to, counts, selected, otherCalls} = summary;
  const span = {from: isoTime(Math.floor(from)), to: isoTime(Math.floor(to))};
  return {...span, ...counts, selected, otherCalls, complete: isCompleteTrace(summary)};
}
