import {DeclinedError, ExitCode, NegativeError, UsageError} from '../../base/errors.js';
import type {BulkAction, Cluster, Target, TargetState} from '../../cluster/cluster.js';
import {hasAnswer} from '../../cluster/incomplete.js';
import {missingGatesText} from '../../cluster/read/gather.js';
import {typedConfirmationAbove} from '../../cluster/write/bulk-limits.js';
import {selectTargets, unknownSessions} from '../../cluster/write/bulk-targets.js';
import {askToType, askYesNo} from '../../output/terminal/prompt.js';
import {groupedDigits, plural} from '../../output/text/humanize.js';
import type {CommandContext} from '../command-context.js';
import {notice, onCluster, warn} from '../show/notices.js';
import {showRows} from '../show/show-results.js';
import type {BulkInput, PaceInput} from './bulk-flags.js';
import {runBulk} from './bulk-run.js';
import {type BulkHeader, OutcomeFile, readOutcomeFile, withFileClaim} from './outcome-file.js';
import {targetPresenter} from './outcome-presenter.js';
import {parseSelection} from './selector-flags.js';

export interface BulkWrite {
  readonly action: BulkAction;
  /** What the outcome file and a resumed run compare: never a body. */
  readonly about: Readonly<Record<string, unknown>>;
  /** It takes something away that nobody gives back. */
  readonly destroys: boolean;
  /** Of a message: what a plan keeps to send it later. */
  readonly message?: BulkHeader['message'];
  /** Looks at what was selected before anything is asked or sent; throws what is wrong with it. */
  readonly check?: ((targets: readonly Target[]) => Promise<void>) | undefined;
}

/** Who is written to, and what is said of it in files. */
export interface BulkPlan {
  readonly header: BulkHeader;
  readonly targets: readonly Target[];
}

/** One write on many sessions: select, show or ask, go at an even pace, say what became of each. */
export async function writeToMany(
  context: CommandContext,
  input: BulkInput,
  write: BulkWrite,
): Promise<ExitCode> {
  const work = async (): Promise<ExitCode> => await writeSelected(context, input, write);
  return await (input.resume === undefined ? work() : withFileClaim(input.resume, work));
}

async function writeSelected(context: CommandContext, input: BulkInput, write: BulkWrite): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const plan =
    input.resume === undefined
      ? await planSelected(context, cluster, input, write)
      : await planRest(context, input, write);
  if (input.plan === undefined) return await executePlan(context, input, write, plan, input.resume);
  await write.check?.(plan.targets);
  const {message} = write;
  const header = message === undefined ? plan.header : {...plan.header, message};
  await (await OutcomeFile.create(input.plan, header, plan.targets)).close();
  const code = await showPlan(context, {}, plan);
  await notice(context, `carry it out with: gatectl apply ${input.plan}`);
  return code;
}

/** Shows, or asks and does, what was planned. `resumed` is the file that an earlier run has left. */
export async function executePlan(
  context: CommandContext,
  input: PaceInput & Pick<BulkInput, 'uid'>,
  write: BulkWrite,
  plan: BulkPlan,
  resumed?: string,
): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const {targets, header} = plan;
  if (input.expect !== undefined && input.expect !== targets.length) {
    throw new DeclinedError(
      `${plural(targets.length, 'session')} match, not ${groupedDigits(input.expect)}; nothing was sent`,
      {hint: 'look again: --dry-run'},
    );
  }
  await write.check?.(targets);
  if (input.dryRun === true) return await showPlan(context, input, plan);
  if (targets.length === 0) throw new NegativeError('no session matches; nothing was sent');
  await confirmWrite(context, input, write, targets);
  const file = await outcomeFileOf(input, header, targets, resumed);
  try {
    return await runBulk(context, {
      cluster,
      action: write.action,
      pace: input,
      targets,
      file,
      fileName: input.outcome ?? resumed,
    });
  } finally {
    await file?.close();
  }
}

async function planSelected(
  context: CommandContext,
  cluster: Cluster,
  input: BulkInput,
  {action, about}: BulkWrite,
): Promise<BulkPlan> {
  const selection = await parseSelection(input);
  const {targets, outcomes} = await selectTargets(cluster, {...selection, signal: context.signal});
  if (outcomes.some(({status}) => status === 'failed')) {
    if (!context.outputOptions.allowPartial || !hasAnswer(outcomes)) throw unknownSessions(outcomes);
    await warn(context, `${missingGatesText(outcomes)}; their sessions are left out`);
  }
  const where = selection.where?.text ?? '';
  const at = new Date(context.now()).toISOString();
  return {header: {version: 1, action: action.verb, about, where, at, count: targets.length}, targets};
}

/** States after which nothing is left to do. */
const finalStates: readonly (TargetState | undefined)[] = ['done', 'gone'];

async function planRest(
  context: CommandContext,
  input: BulkInput,
  {action, about}: BulkWrite,
): Promise<BulkPlan> {
  const {header, targets} = await readOutcomeFile(input.resume ?? '');
  if (header.action !== action.verb || JSON.stringify(header.about) !== JSON.stringify(about)) {
    throw new UsageError(
      `"${input.resume}" is of another write: ${header.action} ${JSON.stringify(header.about)}`,
    );
  }
  // a message that may have arrived is not sent a second time
  const repeats = action.verb !== 'send';
  const unknown = [...targets.values()].filter(({state}) => state === 'unknown').length;
  if (unknown > 0 && !repeats)
    await warn(context, `${plural(unknown, 'session')} may have the message already: not sent again`);
  const over = repeats ? finalStates : [...finalStates, 'unknown'];
  return {header, targets: [...targets.values()].filter(({state}) => !over.includes(state))};
}

async function showPlan(
  context: CommandContext,
  input: Pick<PaceInput, 'outcome'>,
  {header, targets}: BulkPlan,
): Promise<ExitCode> {
  if (input.outcome !== undefined) await (await OutcomeFile.create(input.outcome, header, targets)).close();
  const {action, about, where} = header;
  await showRows(context, targetPresenter, targets, {would: action, about, where, targets: targets.length});
  await notice(context, `would ${action} ${plural(targets.length, 'session')}; nothing was sent`);
  return ExitCode.done;
}

/** A yes for a few, a typed token for many; without a terminal --yes, and for many the count as well. */
async function confirmWrite(
  context: CommandContext,
  {expect, uid}: PaceInput & Pick<BulkInput, 'uid'>,
  {action, destroys}: BulkWrite,
  targets: readonly Target[],
): Promise<void> {
  const count = targets.length;
  const isMany = count > typedConfirmationAbove;
  // who writes to a user by his name may not know that he is there twice
  const isDoubt = action.verb === 'send' && uid !== undefined && expect !== count && hasDuplicateUid(targets);
  if (context.outputOptions.yes) {
    if (!isMany || expect === count) return;
    throw new UsageError(`--yes is not enough for ${plural(count, 'session')}; nothing was sent`, {
      hint: `say how many they are: --expect ${count}`,
    });
  }
  if (!isMany && !destroys && !isDoubt) return;
  const question = `${action.verb} ${plural(count, 'session')}${targetsText(targets)}?`;
  if (!context.isInteractive) {
    throw new UsageError(`${question} there is no terminal to ask on; nothing was sent`, {
      hint: isMany
        ? `pass --yes --expect ${count}`
        : isDoubt
          ? `say that you know: --expect ${count}; or name one: gatectl send <gate>/<session> …`
          : 'pass --yes if you are sure',
    });
  }
  const asked = await onCluster(context, question);
  if (!isMany) return await askYesNo(context.io, asked, context.signal);
  await askToType(context.io, asked, `${action.verb} ${count}`, context.signal);
}

/** Whether a user has several sessions among them. */
const hasDuplicateUid = (targets: readonly Target[]): boolean =>
  new Set(targets.map(({uid}) => uid)).size < targets.length;

/** Whom a question is about, as far as it can be taken in at a glance. */
function targetsText(targets: readonly Target[]): string {
  if (targets.length > 3) return '';
  return ` (${targets.map(({node, id, uid}) => `${uid === '' ? 'guest' : uid}: ${node}/${id}`).join(', ')})`;
}

async function outcomeFileOf(
  {outcome}: PaceInput,
  header: BulkHeader,
  targets: readonly Target[],
  resumed: string | undefined,
): Promise<OutcomeFile | undefined> {
  if (resumed !== undefined) return await OutcomeFile.reopen(resumed);
  return outcome === undefined ? undefined : await OutcomeFile.create(outcome, header, targets);
}
