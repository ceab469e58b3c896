import type {TraceEvent, TraceSummary} from '../cluster/cluster.js';
import {ExitCode} from '../errors.js';
import {grouped, plural} from '../output/human.js';
import {safeJson} from '../output/safe-text.js';
import {documentVersion, type Tail} from '../output/sheet.js';
import {headerLine, rowLine} from '../output/stream-rows.js';
import {writeRows} from '../output/write-rows.js';
import {clockFor} from '../sheets/time.js';
import {narrowTraceWidths, traceSheet, traceWidths} from '../sheets/trace-sheet.js';
import {isWhole, summaryTail, traceSummarySheet} from '../sheets/trace-summary-sheet.js';
import {captureIo} from './captured-io.js';
import type {CommandContext} from './context.js';
import {notice, warn} from './talk.js';

/** How a trace is shown. */
export interface TraceOutput {
  row(told: TraceEvent): Promise<void>;
  /** A summary on the way; shown on a terminal only. */
  live(summary: TraceSummary): Promise<void>;
  /** `cut` is for machines, where a limit has ended the trace. */
  end(summary: TraceSummary, cut: Tail): Promise<void>;
}

/** Of a terminal that shows each call, and something of its fault, without a cut. */
const leastForWhole = 112;

/** Each call as it comes. People get the summary after them, jsonl as its last line. */
export function callRows(context: CommandContext): TraceOutput {
  const {format} = context.manners;
  const whole = traceSheet(clockFor(format));
  const {out} = context.io;
  const isNarrow = format === 'table' && out.isTerminal && out.columns < leastForWhole;
  const sheet = format === 'table' ? {...whole, columns: whole.columns.filter(({wide}) => !wide)} : whole;
  const widths = sheet.columns.map(({header}) => (isNarrow ? narrowTraceWidths : traceWidths)[header] ?? 0);
  const line = rowLine(format, sheet, widths, isNarrow ? ['SESSION'] : []);
  const named = isNarrow ? {...sheet, columns: sheet.columns.slice(0, -1)} : sheet; // what is last names itself
  let header = headerLine(format, named, widths);
  return {
    row: async (told) => {
      await out.write(header + line(told));
      header = '';
    },
    live: async () => {},
    end: async (summary, cut) => {
      if (format === 'jsonl')
        await out.write(`${safeJson({summary: {...summaryRecord(summary), ...cut}})}\n`);
      if (format !== 'table' && format !== 'wide') return;
      await out.write('\n');
      await writeSummary(context, summary);
    },
  };
}

/** The summary alone; on a terminal it is drawn anew while the trace goes on. */
export function summaryOnly(context: CommandContext): TraceOutput {
  const {io, manners, host} = context;
  const isLive = io.out.isTerminal && manners.format === 'table' && host.env['TERM'] !== 'dumb';
  let drawn = 0;
  const wipe = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`);
  return {
    row: async (told) => {
      if (told.type === 'gap') await warn(context, told.why);
    },
    live: async (summary) => {
      if (!isLive) return;
      const text = `${await summaryText(context, summary, mostLive)}${accountText(summary)}\n`;
      await io.out.write(wipe() + text);
      drawn = text.split('\n').length - 1;
    },
    end: async (summary) => {
      await io.out.write(wipe());
      await writeSummary(context, summary);
    },
  };
}

/** Functions that are drawn anew; more might not fit on the screen. */
const mostLive = 15;

async function writeSummary({io, manners}: CommandContext, summary: TraceSummary): Promise<void> {
  const sheet = traceSummarySheet(summary.to - summary.from);
  const columns = io.out.isTerminal ? io.out.columns : undefined;
  await writeRows(io.out, manners.format, sheet, summary.functions, () => summaryTail(summary), {columns});
}

async function summaryText({io}: CommandContext, summary: TraceSummary, most: number): Promise<string> {
  const page = captureIo();
  const sheet = traceSummarySheet(summary.to - summary.from);
  const rows = summary.functions.slice(0, most);
  await writeRows(page.io.out, 'table', sheet, rows, () => ({}), {columns: io.out.columns});
  return page.out();
}

const summaryRecord = (summary: TraceSummary) => {
  const {record} = traceSummarySheet(summary.to - summary.from);
  return {version: documentVersion, ...summaryTail(summary), functions: summary.functions.map(record)};
};

/** Where all calls have gone, in one line. */
function accountText({counts, selected}: TraceSummary): string {
  const {calls, answered, errors, noReply, unanswered, open, strayReplies, foreign} = counts;
  const parts = [
    `${plural(calls, 'call')} heard, ${grouped(selected)} selected: ${grouped(answered)} answered (${plural(errors, 'error')})`,
    ...(noReply > 0 ? [`${grouped(noReply)} wanted no answer`] : []),
    ...(unanswered > 0 ? [`${grouped(unanswered)} unanswered`] : []),
    ...(open > 0 ? [`${grouped(open)} still open`] : []),
    ...(strayReplies > 0 ? [`${grouped(strayReplies)} answers to calls not heard`] : []),
    ...(foreign > 0 ? [`${plural(foreign, 'message')} of others`] : []),
  ];
  return parts.join(', ');
}

/** Says where all calls have gone, and what was lost; lost calls make the exit code 3. */
export async function account(context: CommandContext, summary: TraceSummary): Promise<ExitCode> {
  await notice(context, accountText(summary));
  if (isWhole(summary)) return ExitCode.done;
  const {gaps, missed, overflowed, notShown, notSaved} = summary.counts;
  const lost = [
    ...(gaps > 0
      ? [`${plural(gaps, 'gap')} in which nothing was heard, ${plural(missed, 'call')} open then`]
      : []),
    ...(overflowed > 0 ? [`${plural(overflowed, 'call')} dropped: too many were open at once`] : []),
    ...(notShown > 0 ? [`${plural(notShown, 'call')} counted but not shown: the output was too slow`] : []),
    ...(notSaved > 0 ? [`${plural(notSaved, 'message')} not saved: the disk was too slow`] : []),
  ];
  await warn(context, `the trace is incomplete: ${lost.join('; ')}`);
  return context.manners.allowPartial ? ExitCode.done : ExitCode.partial;
}
