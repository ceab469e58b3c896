import {ExitCode} from '../../base/errors.js';
import type {Target, TargetOutcome} from '../../cluster/cluster.js';
import type {DocumentTail} from '../../output/formats/presenter.js';
import {progressBar} from '../../output/terminal/progress.js';
import {formatCount, formatElapsed, formatPlural} from '../../output/text/humanize.js';
import {shellWord} from '../../output/text/shell-word.js';
import {BulkTally} from '../../presentation/bulk-tally.js';
import type {CommandContext} from '../command-context.js';
import {notice, warn} from '../show/notices.js';
import {showRows, streamRows} from '../show/show-results.js';
import type {BulkWriteInput} from './bulk-flags.js';
import type {BulkWriter} from './bulk-writer.js';
import type {OutcomeFile} from './outcome-file.js';
import {outcomePresenter} from './outcome-presenter.js';

interface BulkRun {
  readonly writer: BulkWriter;
  /** Verb of the write, such as `kick`. */
  readonly verb: string;
  readonly pace: BulkWriteInput;
  readonly targets: readonly Target[];
  readonly file: OutcomeFile | undefined;
  /** The file to pass to `--resume` if targets are left. */
  readonly fileName: string | undefined;
}

/** Writes to the targets at the given pace, prints each outcome and a summary, and returns the exit code. */
export async function runBulkWrite(context: CommandContext, run: BulkRun): Promise<ExitCode> {
  const {writer, verb, pace, targets, file} = run;
  const tally = new BulkTally(targets);
  const started = context.now();
  const storm = writer.watch?.(targets, pace, context.signal);
  const signal = storm === undefined ? context.signal : AbortSignal.any([context.signal, storm.signal]);
  const onBegin = file === undefined ? undefined : (some: readonly Target[]) => file.begin(some);
  const outcomes = writer.writeAll(targets, {...pace, signal, onBegin});
  const recorded = recordOutcomes(context, run, outcomes, tally);
  const tail = () => ({action: verb, ...tally.record()});
  await (showsProgressOnly(context, run)
    ? showUnfinished(context, run, recorded, tail)
    : streamRows(context, outcomePresenter(writer.noun, verb), recorded, tail)
  ).finally(() => storm?.stop());
  context.journalDraft.counts = {targets: targets.length, ...tally.counts};
  await printSummary(context, run, tally, context.now() - started);
  context.signal.throwIfAborted();
  const stopped = await storm?.seen;
  if (stopped !== undefined) throw stopped;
  const {unknown, pending, failed} = tally.counts;
  if (unknown > 0 || pending > 0) return ExitCode.outcomeUnknown;
  return failed > 0 || tally.unreported > 0 ? ExitCode.negative : ExitCode.done;
}

async function printSummary(
  context: CommandContext,
  {writer: {noun}, verb, targets, fileName}: BulkRun,
  tally: BulkTally,
  tookMs: number,
): Promise<void> {
  const of = `${formatPlural(targets.length, noun)} in ${formatElapsed(tookMs)}`;
  await notice(context, `${verb}: ${tally.summary()} of ${of}`);
  for (const line of tally.gateLines()) await notice(context, line);
  if (tally.unreported === 0) return;
  const resumeHint = fileName === undefined ? '' : `; continue with --resume ${shellWord(fileName)}`;
  await warn(context, `${formatPlural(tally.unreported, noun)} not started${resumeHint}`);
}

/** Largest number of targets listed line by line on a terminal. More targets get a progress bar. */
const maxTargetLines = 50;
/** Maximum number of unfinished targets listed after a progress bar. */
const maxUnfinishedLines = 100;

function showsProgressOnly({io, outputOptions: {format}}: CommandContext, {targets}: BulkRun): boolean {
  const isTable = format === 'table' || format === 'wide';
  return io.out.isTerminal && isTable && targets.length > maxTargetLines;
}

/** Reads all outcomes, then lists the targets whose write did not succeed. */
async function showUnfinished(
  context: CommandContext,
  {writer, verb}: BulkRun,
  outcomes: AsyncIterable<TargetOutcome>,
  tail: () => DocumentTail,
): Promise<void> {
  const unfinished: TargetOutcome[] = [];
  let count = 0;
  for await (const outcome of outcomes) {
    if (outcome.state === 'done') continue;
    count += 1;
    if (unfinished.length < maxUnfinishedLines) unfinished.push(outcome);
  }
  if (count === 0) return;
  await showRows(context, outcomePresenter(writer.noun, verb), unfinished, tail());
  if (count > unfinished.length)
    await notice(
      context,
      `showing ${unfinished.length} of ${formatCount(count)} unfinished targets; to save them all: --outcome FILE`,
    );
}

/** Counts, journals and saves each outcome, then passes it on. */
async function* recordOutcomes(
  context: CommandContext,
  run: BulkRun,
  outcomes: AsyncIterable<TargetOutcome>,
  tally: BulkTally,
): AsyncGenerator<TargetOutcome, void, undefined> {
  const {file, targets, verb} = run;
  const {io, outputOptions, now} = context;
  const hasRoom = !io.out.isTerminal || showsProgressOnly(context, run);
  const shows = io.err.isTerminal && !outputOptions.quiet && hasRoom;
  const bar = shows ? progressBar(io.err, {what: verb, total: targets.length, now}) : undefined;
  try {
    for await (const one of outcomes) {
      tally.add(one);
      context.journalDraft.addChange(`${one.node}/${one.id}`, {uid: one.uid}, one.state);
      await file?.add(one, new Date(now()).toISOString());
      await bar?.step();
      yield one;
    }
  } finally {
    await bar?.end();
  }
}
