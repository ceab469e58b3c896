import {setTimeout as sleep} from 'node:timers/promises';
import type {BulkAction, Cluster, Target, TargetOutcome, TargetState} from '../cluster/cluster.js';
import {ExitCode, type NegativeError} from '../errors.js';
import {duration, grouped, plural} from '../output/human.js';
import {progressBar} from '../output/progress.js';
import type {PaceInput} from './bulk-flags.js';
import type {CommandContext} from './context.js';
import type {OutcomeFile} from './outcome-file.js';
import {streamRows} from './present.js';
import {outcomeSheet} from './sheets/outcome-sheet.js';
import {stormOn} from './storm-watch.js';
import {notice, warn} from './talk.js';

export interface BulkRun {
  readonly cluster: Cluster;
  readonly action: BulkAction;
  readonly pace: PaceInput;
  readonly targets: readonly Target[];
  readonly file: OutcomeFile | undefined;
  /** What to go on from, when something is left. */
  readonly fileName: string | undefined;
}

type Counts = Record<TargetState, number>;

/** Writes to the targets at their pace, shows what becomes of each, and sums up. */
export async function runBulk(context: CommandContext, run: BulkRun): Promise<ExitCode> {
  const {cluster, action, pace, targets} = run;
  const counts: Counts = {done: 0, pending: 0, gone: 0, failed: 0, unknown: 0};
  const started = context.now();
  const storm = watchStorm(context, run);
  const signal = AbortSignal.any([context.signal, storm.signal]);
  const outcomes = cluster.writeAll(targets, action, {...pace, signal});
  const told = await streamRows(context, outcomeSheet, watched(context, run, outcomes, counts), () => ({
    action: action.verb,
    targets: targets.length,
    ...counts,
  })).finally(() => storm.stop());
  context.notes.counts = {targets: targets.length, ...counts};
  const left = targets.length - told;
  const said = (Object.keys(counts) as TargetState[]).filter((state) => counts[state] > 0);
  const sum = said.map((state) => `${grouped(counts[state])} ${state}`).join(', ') || '0 done';
  const took = duration(context.now() - started);
  await notice(context, `${action.verb}: ${sum} of ${plural(targets.length, 'session')} in ${took}`);
  if (left > 0) {
    const goOn = run.fileName === undefined ? '' : `; go on with --resume ${run.fileName}`;
    await warn(context, `${plural(left, 'session')} not begun${goOn}`);
  }
  context.signal.throwIfAborted();
  const stopped = await storm.seen;
  if (stopped !== undefined) throw stopped;
  if (counts.unknown > 0 || counts.pending > 0) return ExitCode.outcomeUnknown;
  return counts.failed > 0 || left > 0 ? ExitCode.negative : ExitCode.done;
}

/** Counts, notes and keeps each outcome on its way to where it is shown. */
async function* watched(
  context: CommandContext,
  {file, targets, action}: BulkRun,
  outcomes: AsyncIterable<TargetOutcome>,
  counts: Counts,
): AsyncGenerator<TargetOutcome, void, undefined> {
  const {io, manners, now} = context;
  const shows = io.err.isTerminal && !manners.quiet && !io.out.isTerminal;
  const bar = shows ? progressBar(io.err, {what: action.verb, total: targets.length, now}) : undefined;
  try {
    for await (const one of outcomes) {
      counts[one.state] += 1;
      context.notes.change(`${one.node}/${one.id}`, {uid: one.uid}, one.state);
      await file?.add(one, new Date(now()).toISOString());
      await bar?.step();
      yield one;
    }
  } finally {
    await bar?.end();
  }
}

interface StormGuard {
  readonly signal: AbortSignal;
  readonly seen: Promise<NegativeError | undefined>;
  stop(): void;
}

/** Only kicked clients come back in a rush; other writes are watched when a bound is given. */
function watchStorm(context: CommandContext, {cluster, action, pace, targets}: BulkRun): StormGuard {
  const storm = new AbortController();
  const end = new AbortController();
  const usual = action.verb === 'kick' && pace.rate > 0 ? Math.max(50, 3 * pace.rate) : undefined;
  const most = pace.maxConnects ?? usual;
  const nobody: StormGuard = {signal: storm.signal, seen: Promise.resolve(undefined), stop: () => {}};
  if (most === undefined) return nobody;
  const gates = [...new Set(targets.map(({node}) => node))];
  const wait = (ms: number, signal: AbortSignal) => sleep(ms, undefined, {signal}).catch(() => {});
  const seen = stormOn({cluster, most, gates, signal: AbortSignal.any([end.signal, context.signal]), wait});
  const guarded = seen.catch(() => undefined); // a gate that cannot be asked is told of by its writes
  void guarded.then((error) => {
    if (error !== undefined) storm.abort(error);
  });
  return {signal: storm.signal, seen: guarded, stop: () => end.abort()};
}
