import {targetOf} from '../cluster/bulk.js';
import type {BulkAction, Cluster, Target, TargetOutcome, TargetState} from '../cluster/cluster.js';
import {missingText} from '../cluster/gather.js';
import {DeclinedError, ExitCode, NegativeError, PartialError, UsageError} from '../errors.js';
import {duration, grouped, plural} from '../output/human.js';
import {confirm, confirmToken} from '../output/prompt.js';
import type {BulkInput} from './bulk-flags.js';
import type {CommandContext} from './context.js';
import {type BulkHeader, OutcomeFile, readOutcomeFile} from './outcome-file.js';
import {showRows, streamRows} from './present.js';
import {selectionOf} from './selector-flags.js';
import {outcomeSheet, targetSheet} from './sheets/outcome-sheet.js';
import {notice, warn} from './talk.js';

export interface BulkWrite {
  readonly action: BulkAction;
  /** What the outcome file and a resumed run compare: never a body. */
  readonly about: Readonly<Record<string, unknown>>;
  /** It takes something away that nobody gives back. */
  readonly destroys: boolean;
}

/** More than this many is typed, or counted, and not just said yes to. */
const manyTargets = 10;

/** One write on many sessions: select, show or ask, go at an even pace, say what became of each. */
export async function writeMany(
  context: CommandContext,
  input: BulkInput,
  write: BulkWrite,
): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const plan =
    input.resume === undefined ? await select(context, cluster, input, write) : await resume(input, write);
  const {targets, header} = plan;
  if (input.expect !== undefined && input.expect !== targets.length) {
    throw new DeclinedError(
      `${plural(targets.length, 'session')} match, not ${grouped(input.expect)}; nothing was sent`,
      {hint: 'look again: --dry-run'},
    );
  }
  if (input.dryRun === true) return await showPlan(context, input, plan);
  if (targets.length === 0) throw new NegativeError('no session matches; nothing was sent');
  await agree(context, input, write, targets.length);
  const file = await outcomeFileOf(input, header, targets);
  try {
    return await run(context, cluster, {...input, ...write}, targets, file);
  } finally {
    await file?.close();
  }
}

interface Plan {
  readonly header: BulkHeader;
  readonly targets: readonly Target[];
}

async function select(
  context: CommandContext,
  cluster: Cluster,
  input: BulkInput,
  {action, about}: BulkWrite,
): Promise<Plan> {
  const selection = await selectionOf(input);
  const listing = await cluster.list({...selection, signal: context.signal});
  const targets: Target[] = [];
  for await (const row of listing.rows) targets.push(targetOf(row));
  const outcomes = listing.outcomes();
  if (outcomes.some(({status}) => status === 'failed')) {
    if (!context.manners.allowPartial) {
      throw new PartialError(`not every session is known: ${missingText(outcomes)}; nothing was sent`, {
        hint: 'go on with those that are known: --allow-partial',
      });
    }
    await warn(context, `${missingText(outcomes)}; their sessions are left out`);
  }
  const where = selection.where?.text ?? '';
  const at = new Date(context.now()).toISOString();
  return {header: {version: 1, action: action.verb, about, where, at, count: targets.length}, targets};
}

/** States after which nothing is left to do. */
const finalStates: readonly (TargetState | undefined)[] = ['done', 'gone'];

async function resume(input: BulkInput, {action, about}: BulkWrite): Promise<Plan> {
  const {header, targets} = await readOutcomeFile(input.resume ?? '');
  if (header.action !== action.verb || JSON.stringify(header.about) !== JSON.stringify(about)) {
    throw new UsageError(
      `"${input.resume}" is of another write: ${header.action} ${JSON.stringify(header.about)}`,
    );
  }
  // a message that may have arrived is not sent a second time
  const over = action.verb === 'send' ? [...finalStates, 'unknown'] : finalStates;
  return {header, targets: [...targets.values()].filter(({state}) => !over.includes(state))};
}

async function showPlan(
  context: CommandContext,
  input: BulkInput,
  {header, targets}: Plan,
): Promise<ExitCode> {
  if (input.outcome !== undefined) await (await OutcomeFile.create(input.outcome, header, targets)).close();
  const {action, about, where} = header;
  await showRows(context, targetSheet, targets, {would: action, about, where, targets: targets.length});
  await notice(context, `would ${action} ${plural(targets.length, 'session')}; nothing was sent`);
  return ExitCode.done;
}

/** A yes for a few, a typed token for many; without a terminal --yes, and for many the count as well. */
async function agree(
  context: CommandContext,
  {expect}: BulkInput,
  {action, destroys}: BulkWrite,
  count: number,
): Promise<void> {
  const isMany = count > manyTargets;
  if (context.manners.yes) {
    if (!isMany || expect === count) return;
    throw new UsageError(`--yes is not enough for ${plural(count, 'session')}; nothing was sent`, {
      hint: `say how many they are: --expect ${count}`,
    });
  }
  if (!isMany && !destroys) return;
  const question = `${action.verb} ${plural(count, 'session')}?`;
  if (!context.interactive) {
    throw new UsageError(`${question} there is no terminal to ask on; nothing was sent`, {
      hint: isMany ? `pass --yes --expect ${count}` : 'pass --yes if you are sure',
    });
  }
  if (!isMany) return await confirm(context.io, question, context.signal);
  await confirmToken(context.io, question, `${action.verb} ${count}`, context.signal);
}

async function outcomeFileOf(
  {outcome, resume: resumed}: BulkInput,
  header: BulkHeader,
  targets: readonly Target[],
): Promise<OutcomeFile | undefined> {
  if (resumed !== undefined) return await OutcomeFile.reopen(resumed);
  return outcome === undefined ? undefined : await OutcomeFile.create(outcome, header, targets);
}

async function run(
  context: CommandContext,
  cluster: Cluster,
  {action, rate, maxErrors, outcome, resume: resumed}: BulkInput & BulkWrite,
  targets: readonly Target[],
  file: OutcomeFile | undefined,
): Promise<ExitCode> {
  const {signal} = context;
  const counts: Record<TargetState, number> = {done: 0, pending: 0, gone: 0, failed: 0, unknown: 0};
  const started = context.now();
  async function* watched(outcomes: AsyncIterable<TargetOutcome>): AsyncGenerator<TargetOutcome> {
    for await (const one of outcomes) {
      counts[one.state] += 1;
      context.notes.change(`${one.node}/${one.id}`, {uid: one.uid}, one.state);
      await file?.add(one, new Date(context.now()).toISOString());
      yield one;
    }
  }
  const outcomes = cluster.writeAll(targets, action, {rate, maxErrors, signal});
  const told = await streamRows(context, outcomeSheet, watched(outcomes), () => ({
    action: action.verb,
    targets: targets.length,
    ...counts,
  }));
  context.notes.counts = {targets: targets.length, ...counts};
  const left = targets.length - told;
  const name = outcome ?? resumed;
  const said = (Object.keys(counts) as TargetState[]).filter((state) => counts[state] > 0);
  await notice(
    context,
    `${action.verb}: ${said.map((state) => `${grouped(counts[state])} ${state}`).join(', ')} of ${plural(targets.length, 'session')} in ${duration(context.now() - started)}`,
  );
  if (left > 0) {
    await warn(
      context,
      `${plural(left, 'session')} not begun${name === undefined ? '' : `; go on with --resume ${name}`}`,
    );
  }
  if (signal.aborted) throw signal.reason;
  if (counts.unknown > 0 || counts.pending > 0) return ExitCode.outcomeUnknown;
  return counts.failed > 0 || left > 0 ? ExitCode.negative : ExitCode.done;
}
