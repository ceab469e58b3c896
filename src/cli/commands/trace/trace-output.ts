import {ExitCode} from '../../../base/errors.js';
import type {TraceEvent, TraceSummary} from '../../../cluster/cluster.js';
import {type Column, type DocumentTail, documentVersion} from '../../../output/formats/presenter.js';
import {streamHeader, streamRowFormatter} from '../../../output/formats/stream-rows.js';
import {writeRows} from '../../../output/formats/write-rows.js';
import {formatCount, formatPlural} from '../../../output/text/humanize.js';
import {safeJson} from '../../../output/text/safe-text.js';
import {eventTimeFormatter} from '../../../presentation/time-format.js';
import {
  isCompleteTrace,
  narrowTraceColumnWidths,
  traceColumnWidths,
  tracePresenter,
  traceSummaryJson,
  traceSummaryPresenter,
} from '../../../presentation/trace-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {captureIo} from '../../show/capture-io.js';
import {notice, warn} from '../../show/notices.js';

/** Output of a trace. */
interface TraceOutput {
  /** Writes an event. */
  row(entry: TraceEvent): Promise<void>;
  /** Redraws an interim summary. Does nothing unless the output is a terminal. */
  refresh(summary: TraceSummary): Promise<void>;
  /** Writes the final summary. `cut` holds the JSON members of a trace that ended at a limit. */
  end(summary: TraceSummary, cut: DocumentTail): Promise<void>;
}

/** Minimum terminal width for all columns and part of an error. */
const minFullWidth = 112;
/** Header of the column left out on narrower terminals. */
const leftOut = 'NODE';

/** Writes each call as it arrives, then the summary: a table on a terminal, the last line with JSONL. */
export function createCallOutput(context: CommandContext): TraceOutput {
  const {format} = context.outputOptions;
  const full = tracePresenter(eventTimeFormatter(format));
  const {out} = context.io;
  const isNarrow = format === 'table' && out.isTerminal && out.columns < minFullWidth;
  const isShown = ({header, wide}: Column<TraceEvent>): boolean =>
    format !== 'table' || (wide !== true && !(isNarrow && header === leftOut));
  const presenter = {...full, columns: full.columns.filter(isShown)};
  const widths = presenter.columns.map(
    ({header}) => (isNarrow ? narrowTraceColumnWidths : traceColumnWidths)[header] ?? 0,
  );
  const line = streamRowFormatter(format, presenter, widths);
  // a narrow terminal has no room for the header of the last column
  const headed = isNarrow ? {...presenter, columns: presenter.columns.slice(0, -1)} : presenter;
  let header = streamHeader(format, headed, widths, context.outputOptions.header);
  return {
    row: async (entry) => {
      if (isNarrow && header !== '')
        await notice(context, `narrow terminal: left out ${leftOut}; to show all: -o wide`);
      await out.write(header + line(entry));
      header = '';
    },
    refresh: async () => {},
    end: async (summary, cut) => {
      if (format === 'jsonl')
        await out.write(`${safeJson({summary: {...summaryRecord(summary), ...cut}})}\n`);
      if (format !== 'table' && format !== 'wide') return;
      await out.write('\n');
      await writeSummary(context, summary);
    },
  };
}

/** Writes only the summary. On a terminal, redraws it while the trace runs. */
export function createSummaryOutput(context: CommandContext): TraceOutput {
  const {io, outputOptions, deps} = context;
  const isLive = io.out.isTerminal && outputOptions.format === 'table' && deps.env['TERM'] !== 'dumb';
  let drawn = 0;
  const wipe = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`);
  return {
    row: async (entry) => {
      if (entry.type === 'gap') await warn(context, entry.why);
    },
    refresh: async (summary) => {
      if (!isLive) return;
      const text = `${await summaryText(context, summary, maxLiveFunctions)}${countsText(summary)}\n`;
      await io.out.write(wipe() + text);
      drawn = text.split('\n').length - 1;
    },
    end: async (summary) => {
      await io.out.write(wipe());
      await writeSummary(context, summary);
    },
  };
}

/** Maximum number of functions in the live summary, so that it fits the screen. */
const maxLiveFunctions = 15;

async function writeSummary({io, outputOptions}: CommandContext, summary: TraceSummary): Promise<void> {
  const presenter = traceSummaryPresenter(summary.to - summary.from);
  const columns = io.out.isTerminal ? io.out.columns : undefined;
  await writeRows(
    io.out,
    outputOptions.format,
    presenter,
    summary.functions,
    () => traceSummaryJson(summary),
    {
      columns,
      tsvHeader: outputOptions.header,
    },
  );
}

async function summaryText({io}: CommandContext, summary: TraceSummary, most: number): Promise<string> {
  const page = captureIo();
  const presenter = traceSummaryPresenter(summary.to - summary.from);
  const rows = summary.functions.slice(0, most);
  await writeRows(page.io.out, 'table', presenter, rows, () => ({}), {columns: io.out.columns});
  return page.out();
}

const summaryRecord = (summary: TraceSummary) => {
  const {record} = traceSummaryPresenter(summary.to - summary.from);
  return {version: documentVersion, ...traceSummaryJson(summary), functions: summary.functions.map(record)};
};

/** Returns one line with the counts of all calls. */
function countsText({counts, selected}: TraceSummary): string {
  const {calls, answered, errors, noReply, unanswered, open, strayReplies, foreign} = counts;
  const parts = [
    `${formatPlural(calls, 'call')} heard, ${formatCount(selected)} selected: ${formatCount(answered)} answered (${formatPlural(errors, 'error')})`,
    ...(noReply > 0 ? [`${formatCount(noReply)} one-way`] : []),
    ...(unanswered > 0 ? [`${formatCount(unanswered)} unanswered`] : []),
    ...(open > 0 ? [`${formatCount(open)} still pending`] : []),
    ...(strayReplies > 0 ? [`${formatCount(strayReplies)} replies to unseen calls`] : []),
    ...(foreign > 0 ? [`${formatPlural(foreign, 'unrelated message')}`] : []),
  ];
  return parts.join(', ');
}

/** Prints the counts of all calls, and warns about losses. Returns the exit code, `partial` after losses. */
export async function reportTraceLosses(context: CommandContext, summary: TraceSummary): Promise<ExitCode> {
  await notice(context, countsText(summary));
  if (isCompleteTrace(summary)) return ExitCode.done;
  const {gaps, missed, overflowed, notShown, notSaved} = summary.counts;
  const lost = [
    ...(gaps > 0
      ? [`${formatPlural(gaps, 'gap')} without data, with ${formatPlural(missed, 'call')} pending`]
      : []),
    ...(overflowed > 0 ? [`${formatPlural(overflowed, 'call')} dropped: too many pending calls`] : []),
    ...(notShown > 0
      ? [`${formatPlural(notShown, 'call')} counted but not shown: the output was too slow`]
      : []),
    ...(notSaved > 0 ? [`${formatPlural(notSaved, 'message')} not saved: the disk was too slow`] : []),
  ];
  await warn(context, `the trace is incomplete: ${lost.join('; ')}`);
  return context.outputOptions.allowPartial ? ExitCode.done : ExitCode.partial;
}
