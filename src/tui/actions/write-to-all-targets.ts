import {ExitCode as codes, type ExitCode, type NegativeError} from '../../base/errors.js';
import type {BulkAction, TargetOutcome} from '../../cluster/cluster.js';
import {defaultBulkPace} from '../../cluster/write/bulk-limits.js';
import {guardConnectRate} from '../../cluster/write/connect-rate-guard.js';
import {formatCount, formatPlural} from '../../output/text/humanize.js';
import {BulkTally} from '../../presentation/bulk-tally.js';
import type {BulkOutcomeFile, WriteJournal} from '../dashboard-deps.js';
import type {DialogResult} from '../model/dialog-types.js';
import {throttleText} from '../throttle-text.js';
import type {ActionRunOptions, ActionSubject} from './action-spec.js';
import {errorLines} from './error-lines.js';

/** Outcomes kept for the view of writes. */
const maxOutcomes = 1000;

/**
 * Runs an action on all targets at a steady rate and counts the outcomes. Stops if too many clients
 * connect to a gate.
 */
export async function writeToAllTargets(
  write: {
    readonly path: string;
    readonly input: Readonly<Record<string, unknown>>;
    readonly reason: string | undefined;
  },
  action: BulkAction,
  {targets, where}: ActionSubject,
  job: ActionRunOptions,
): Promise<DialogResult> {
  const tally = new BulkTally(targets);
  const first: TargetOutcome[] = [];
  let firstFault: string | undefined;
  let stopped: NegativeError | undefined;
  let kept: BulkOutcomeFile | undefined;
  const run = async (notes: WriteJournal): Promise<ExitCode> => {
    kept = where === undefined ? undefined : await job.deps.createOutcomeFile({action, where, targets});
    const {outcomes, storm} = begin(action, targets, job, kept);
    const progress = throttleText(job.deps.now, job.progress);
    try {
      for await (const one of outcomes) {
        tally.add(one);
        if (first.length < maxOutcomes) first.push(one);
        firstFault ??= faultOf(one);
        notes.addChange(`${one.node}/${one.id}`, {uid: one.uid}, one.state);
        await kept?.add(one);
        progress(
          () => `${formatCount(tally.reported)} of ${formatCount(targets.length)}: ${tally.summary()}`,
        );
      }
    } finally {
      storm.stop();
      await kept?.close();
    }
    notes.counts = {targets: targets.length, ...tally.counts};
    stopped = await storm.seen;
    if (stopped !== undefined) throw stopped; // so that the journal records it
    return codeOf(tally);
  };
  const chosen = where === undefined ? {marked: targets.length} : {where: [where], matched: targets.length};
  const code = await job.deps
    .runWrite({...write, input: {...write.input, ...chosen}}, run)
    .catch((error: unknown) => {
      if (error !== stopped) throw error;
      return codes.negative;
    });
  return {
    tone: code === codes.done ? 'good' : 'warn',
    outcomes: first,
    lines: [
      `${tally.summary()} of ${formatPlural(targets.length, 'session')}${action.verb === 'send' ? ', handed to the connections' : ''}`,
      ...(tally.unreported > 0 ? [`${formatPlural(tally.unreported, 'session')} not started`] : []),
      ...tally.gateLines(),
      ...(firstFault === undefined ? [] : [firstFault]),
      ...(stopped === undefined ? [] : errorLines(stopped)),
      ...(kept === undefined ? [] : [`outcomes: ${kept.name}`]),
    ],
  };
}

function begin(
  action: BulkAction,
  targets: ActionSubject['targets'],
  {deps, rate, signal}: ActionRunOptions,
  kept: BulkOutcomeFile | undefined,
) {
  const {cluster} = deps;
  const storm = guardConnectRate({cluster, verb: action.verb, targets, rate, signal});
  const either = AbortSignal.any([signal, storm.signal]);
  const onBegin = kept === undefined ? undefined : (some: ActionSubject['targets']) => kept.begin(some);
  const pace = {...defaultBulkPace, rate, signal: either, onBegin};
  return {storm, outcomes: cluster.writeAll(targets, action, pace)};
}

function codeOf({counts, unreported}: BulkTally): ExitCode {
  if (counts.unknown > 0 || counts.pending > 0) return codes.outcomeUnknown;
  return counts.failed > 0 || unreported > 0 ? codes.negative : codes.done;
}

const faultOf = ({id, state, detail}: TargetOutcome): string | undefined =>
  state === 'failed' || state === 'unknown' ? `${id}: ${detail ?? state}` : undefined;
