import {type Command, Option} from 'commander';
import {ExitCode, NegativeError, UsageError} from '../../../base/errors.js';
import type {Cluster} from '../../../cluster/cluster.js';
import {defaultBulkPace, maxTargetsWithoutTypedConfirmation} from '../../../cluster/write/bulk-limits.js';
import {type DrainedGate, drainGates} from '../../../cluster/write/drain-gates.js';
import {type DrainPlan, planDrain} from '../../../cluster/write/drain-plan.js';
import {defaultMaxConnects} from '../../../cluster/write/reconnect-throttle.js';
import {formatDuration, formatElapsed, formatPlural} from '../../../output/text/humanize.js';
import {countSessionsToDrain, drainPaceText, drainWarnings} from '../../../presentation/drain-plan-text.js';
import type {Selector} from '../../../selector/selector.js';
import {parseRate} from '../../bulk/bulk-flags.js';
import type {CommandContext} from '../../command-context.js';
import {parseAgeMs, parseCount, parseDurationMs} from '../../line/parsers.js';
import {confirmWrite, gateQuestionLine} from '../../show/confirm-write.js';
import {notice, warn} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {drainedGatePresenter, drainPlanPresenter} from './drain-presenter.js';
import {createDrainProgress} from './drain-progress.js';

interface GatesDrainInput {
  readonly gate: readonly string[];
  readonly rate: number;
  readonly maxErrors: number;
  readonly maxConnects?: number | undefined;
  readonly wait?: number | undefined;
  readonly waitIdle?: number | undefined;
  /** False to refuse new sessions only. */
  readonly evict: boolean;
  readonly dryRun?: boolean | undefined;
}

export const gatesDrain: Verb<GatesDrainInput> = {
  examples: [
    'gatectl gates drain Gate@a1 --dry-run',
    'gatectl gates drain Gate@a1 --rate 50 --wait 10m --yes',
    "gatectl gates drain 'Gate@a-*' --wait-idle 30s",
    'gatectl gates drain Gate@a1 --no-evict',
  ],
  handlesAbort: true,
  confirms: true,
  declare: (command) => declareDrain(command),
  run: async (context, input) => {
    const cluster = await context.openCluster();
    const plan = await planDrain(cluster, input.gate);
    const where = await idleSelector(plan, input.waitIdle);
    if (input.dryRun === true) return await showPlan(context, plan, input);
    await confirmDrain(context, plan, input);
    return await drain(context, cluster, plan, {...input, where});
  },
};

const declareDrain = (command: Command): Command =>
  command
    .argument('<gate...>', 'node ids; * matches any characters')
    .addOption(
      new Option('--rate <count>', 'evictions per second on each gate; 0 for no limit')
        .argParser(parseRate)
        .default(defaultBulkPace.rate),
    )
    .option('--wait <duration>', 'stop evicting after this time; the gates keep draining', parseDurationMs)
    .option('--wait-idle <duration>', 'evict only sessions inactive for longer than this', parseAgeMs)
    .option('--no-evict', 'only refuse new sessions, and keep the existing ones')
    .option(
      '--max-connects <count>',
      'pause when another gate would exceed this many new connections per second (3 × --rate, at least 50; none for --rate 0)',
      parseCount,
    )
    .addOption(
      new Option('--max-errors <count>', 'stop after this many errors')
        .argParser(parseCount)
        .default(defaultBulkPace.maxErrors),
    )
    .option('--dry-run', 'show the gates and their sessions; change nothing');

/** Returns a selector of the sessions to evict; undefined for all. Throws UsageError if a gate does not report activity. */
async function idleSelector({gates}: DrainPlan, waitIdle: number | undefined): Promise<Selector | undefined> {
  if (waitIdle === undefined) return undefined;
  const unaware = gates.find((gate) => !gate.reportsActivity);
  if (unaware !== undefined)
    throw new UsageError(`${unaware.gate} does not report when its clients were last active`, {
      hint: 'drain without --wait-idle',
    });
  const {celTerms} = await import('../../../selector/cel-terms.js');
  const {parseSelector} = await import('../../../selector/selector.js');
  return await parseSelector(celTerms.idle(waitIdle));
}

async function showPlan(context: CommandContext, plan: DrainPlan, input: GatesDrainInput): Promise<ExitCode> {
  const sessions = countSessionsToDrain(plan);
  context.journalDraft.counts = {targets: sessions};
  await showRows(context, drainPlanPresenter, plan.gates, {would: 'drain', sessions});
  for (const line of drainWarnings(plan)) await warn(context, line);
  await notice(
    context,
    input.evict
      ? `would evict ${formatPlural(sessions, 'session')} ${drainPaceText(plan, input.rate, input.maxConnects)}; nothing was changed`
      : `would keep ${formatPlural(sessions, 'session')} and refuse new ones; nothing was changed`,
  );
  return ExitCode.done;
}

/** Asks y/N for a few sessions and for a typed phrase for many; if no other gate remains, the context name must be typed. */
async function confirmDrain(
  context: CommandContext,
  plan: DrainPlan,
  {evict, rate, maxConnects}: GatesDrainInput,
): Promise<void> {
  const {gates, others} = plan;
  for (const line of drainWarnings(plan)) await warn(context, line);
  const sessions = countSessionsToDrain(plan);
  const names = gates.map(({gate}) => gate);
  const what = names.length === 1 ? (names[0] ?? '') : formatPlural(names.length, 'gate');
  const {contextName, protected: isProtected} = await context.connection();
  const phrase = evict && sessions > maxTargetsWithoutTypedConfirmation ? {token: `drain ${what}`} : 'yes';
  const isWhole = others.length === 0 && contextName !== undefined && isProtected === undefined;
  await confirmWrite(context, {
    question: evict
      ? `drain ${what} and evict ${formatPlural(sessions, 'session')} ${drainPaceText(plan, rate, maxConnects)}?`
      : `drain ${what}, and keep its ${formatPlural(sessions, 'session')}?`,
    lines: [gateQuestionLine(new Map(gates.map(({gate, sessions: count = 0}) => [gate, count])))],
    answer: isWhole ? 'name' : phrase,
  });
}

async function drain(
  context: CommandContext,
  cluster: Cluster,
  plan: DrainPlan,
  input: GatesDrainInput & {readonly where: Selector | undefined},
): Promise<ExitCode> {
  const {where, wait, rate, maxErrors, evict} = input;
  const {maxConnects = defaultMaxConnects(rate)} = input;
  if (evict) await notice(context, `evicting ${drainPaceText(plan, input.rate, input.maxConnects)}`);
  const late = new AbortController();
  const timer = wait === undefined ? undefined : setTimeout(() => late.abort(), wait);
  const signal = AbortSignal.any([context.signal, late.signal]);
  const started = context.now();
  const progress = createDrainProgress(context);
  for (const {gate, state, canRefuse} of plan.gates)
    if (canRefuse) context.journalDraft.addChange(gate, {state: state ?? null}, {state: 'draining'});
  let drained: readonly DrainedGate[];
  try {
    drained = await drainGates({
      cluster,
      plan,
      rate,
      evict,
      where,
      maxConnects,
      maxErrors,
      signal,
      ...progress,
    });
  } finally {
    clearTimeout(timer);
    await progress.end();
  }
  return await showOutcome(context, drained, {tookMs: context.now() - started, evict});
}

async function showOutcome(
  context: CommandContext,
  drained: readonly DrainedGate[],
  {tookMs, evict}: {readonly tookMs: number; readonly evict: boolean},
): Promise<ExitCode> {
  const sum = (of: (gate: DrainedGate) => number): number =>
    drained.reduce((total, gate) => total + of(gate), 0);
  const counts = {evicted: sum(({evicted}) => evicted), failed: sum(({failed}) => failed)};
  const left = sum((gate) => gate.left ?? 0);
  context.journalDraft.counts = {...counts, left};
  await showRows(context, drainedGatePresenter, drained, {action: 'drain', ...counts, left});
  await notice(
    context,
    `drain: ${formatPlural(counts.evicted, 'session')} evicted in ${formatElapsed(tookMs)}`,
  );
  const refusing = drained.filter(({state}) => state !== 'serving');
  const names = refusing.map(({gate}) => gate).join(' ');
  if (refusing.length > 0)
    await notice(
      context,
      `new sessions are refused until the gate is resumed or restarted; to resume: gatectl gates resume ${names}`,
    );
  context.signal.throwIfAborted();
  if (evict && refusing.some((gate) => gate.left !== 0))
    throw new NegativeError(
      `stopped with ${formatPlural(left, 'session')} left on ${names} after ${formatDuration(tookMs)}`,
      {hint: `to continue: gatectl gates drain ${names}`},
    );
  if (refusing.length === drained.length || context.outputOptions.allowPartial) return ExitCode.done;
  return ExitCode.partial;
}
