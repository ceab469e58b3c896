import {DeclinedError, ExitCode, NegativeError, UsageError} from '../../base/errors.js';
import type {BulkAction, ClusterReader, Target, TargetState} from '../../cluster/cluster.js';
import {hasAnyAnswer} from '../../cluster/incomplete-error.js';
import {missingGatesText} from '../../cluster/read/gather.js';
import {maxTargetsWithoutTypedConfirmation} from '../../cluster/write/bulk-limits.js';
import type {RequestedSession} from '../../cluster/write/resolve-targets.js';
import {selectTargets, unknownTargetsError} from '../../cluster/write/select-targets.js';
import {formatCount, formatPlural} from '../../output/text/humanize.js';
import {shellWord} from '../../output/text/shell-word.js';
import {bulkQuestion} from '../../presentation/bulk-question.js';
import type {CommandContext} from '../command-context.js';
import {confirmContextName, confirmWrite, targetQuestionLines} from '../show/confirm-write.js';
import {notice, warn} from '../show/notices.js';
import {showRows} from '../show/show-results.js';
import type {BulkSessionInput, BulkWriteInput} from './bulk-flags.js';
import {runBulkWrite} from './bulk-run.js';
import {type BulkWriter, createSessionWriter} from './bulk-writer.js';
import {findReferencedSessions} from './find-referenced-sessions.js';
import {OutcomeFile, type OutcomeFileHeader, readOutcomeFile, withFileClaim} from './outcome-file.js';
import {targetPresenter} from './outcome-presenter.js';
import {readSessionReferences} from './read-session-references.js';
import {parseSelectorFlags} from './selector-flags.js';

export interface BulkWrite {
  readonly action: BulkAction | {readonly verb: 'delete' | 'expire' | 'bind'};
  /** Writes to the targets. Not needed for an action on sessions. */
  readonly writer?: BulkWriter | undefined;
  /** The action's arguments, saved in the outcome file and compared when a run is resumed. Never contains a message body. */
  readonly about: Readonly<Record<string, unknown>>;
  /** Whether the write can't be undone, and therefore needs a confirmation. */
  readonly destroys: boolean;
  /** The message, which a plan saves so that `apply` can send it. */
  readonly message?: OutcomeFileHeader['message'];
  /** Checks the targets before the confirmation. Throws to stop the write. */
  readonly check?: ((targets: readonly Target[]) => Promise<void>) | undefined;
}

/** Targets of a bulk write, and the header of its outcome file. */
interface BulkPlan {
  readonly header: OutcomeFileHeader;
  readonly targets: readonly Target[];
  /** Whether every session of every gate was selected. */
  readonly isWholeCluster?: boolean;
}

/**
 * Finds the given sessions, or selects them by flags, confirms the write (or only shows it), writes to each session at an even
 * pace, and reports the outcomes. `sessions` may contain `-` for a list on stdin; if empty, the flags select the sessions.
 */
export async function writeToSessions(
  context: CommandContext,
  input: BulkSessionInput,
  write: BulkWrite,
  sessions: readonly string[] = [],
): Promise<ExitCode> {
  const read = sessions.length === 0 ? undefined : () => readSessionReferences(context, sessions);
  return await writeToListedSessions(context, input, write, read);
}

/** Reads the given session references. A function, so that nothing holds a long list once the sessions are found. */
type ReadNamed = () => Promise<readonly RequestedSession[]>;

/** Like `writeToSessions`, but `read` returns the session references; without it, the flags select the sessions. */
export async function writeToListedSessions(
  context: CommandContext,
  input: BulkSessionInput,
  write: BulkWrite,
  read: ReadNamed | undefined,
): Promise<ExitCode> {
  const work = async (): Promise<ExitCode> =>
    await savePlanOrExecute(context, input, write, await planFor(context, input, write, read));
  return await (input.resume === undefined ? work() : withFileClaim(input.resume, work));
}

async function planFor(
  context: CommandContext,
  input: BulkSessionInput,
  write: BulkWrite,
  read: ReadNamed | undefined,
): Promise<BulkPlan> {
  const named = await read?.();
  if (input.resume !== undefined) return await planRest(context, input, write);
  const cluster = await context.openCluster();
  if (named === undefined) return await planSelected(context, cluster, input, write);
  return planOf(context, write, await findReferencedSessions(context, cluster, input, named));
}

/** Writes to records by uid, or resumes the writes of an outcome file. */
export async function writeToRecords(
  context: CommandContext,
  input: BulkWriteInput & Pick<BulkSessionInput, 'resume' | 'plan'>,
  write: BulkWrite & {readonly writer: BulkWriter},
  targets: readonly Target[],
): Promise<ExitCode> {
  const {resume} = input;
  if (resume === undefined)
    return await savePlanOrExecute(context, input, write, planOf(context, write, targets));
  return await resumeBulkWrite(context, {...input, resume}, write);
}

/** Continues the writes of an outcome file. With `at`, only those of the plan made at that time. */
export async function resumeBulkWrite(
  context: CommandContext,
  input: BulkWriteInput & {readonly resume: string},
  write: BulkWrite,
  at?: string,
): Promise<ExitCode> {
  return await withFileClaim(input.resume, async () => {
    const rest = await planRest(context, input, write);
    if (at !== undefined && rest.header.at !== at)
      throw new UsageError(`cannot resume "${input.resume}": it belongs to another plan`);
    return await executeBulkPlan(context, input, write, rest, input.resume);
  });
}

/** Returns the writer of a write; for an action on sessions, one that calls the gates. */
export const openBulkWriter = async (
  context: CommandContext,
  {writer, action}: BulkWrite,
): Promise<BulkWriter> => writer ?? createSessionWriter(await context.openCluster(), action as BulkAction);

/** Saves the plan if `--plan` is given, otherwise executes it. */
async function savePlanOrExecute(
  context: CommandContext,
  input: Pick<BulkSessionInput, 'plan' | 'resume' | 'uid' | 'ignoreMissing'> & BulkWriteInput,
  write: BulkWrite,
  plan: BulkPlan,
): Promise<ExitCode> {
  if (input.plan === undefined) return await executeBulkPlan(context, input, write, plan, input.resume);
  refuseUnexpected(input, write, plan);
  await write.check?.(plan.targets);
  const {message} = write;
  const header = message === undefined ? plan.header : {...plan.header, message};
  await (await OutcomeFile.create(input.plan, header, plan.targets)).close();
  const code = await showPlan(context, {}, write, plan);
  const store = write.about['store'] === undefined ? '' : ' --store <url>';
  await notice(context, `to run the plan: gatectl apply ${shellWord(input.plan)}${store}`);
  return code;
}

/** Throws DeclinedError if the number of targets differs from `--expect`. */
function refuseUnexpected({expect}: BulkWriteInput, write: BulkWrite, {targets}: BulkPlan): void {
  if (expect === undefined || expect === targets.length) return;
  throw new DeclinedError(
    `${formatPlural(targets.length, nounOf(write))} match, not ${formatCount(expect)}; nothing was sent`,
    {hint: 'to list them: --dry-run'},
  );
}

/** Shows a plan with `--dry-run`; otherwise confirms and executes it. `resumed` is the outcome file of an earlier run. */
export async function executeBulkPlan(
  context: CommandContext,
  input: BulkWriteInput & Pick<BulkSessionInput, 'uid' | 'ignoreMissing'>,
  write: BulkWrite,
  plan: BulkPlan,
  resumed?: string,
): Promise<ExitCode> {
  const {targets, header} = plan;
  const noun = nounOf(write);
  refuseUnexpected(input, write, plan);
  await write.check?.(targets);
  if (input.dryRun === true) return await showPlan(context, input, write, plan);
  if (targets.length === 0 && input.ignoreMissing === true) return ExitCode.done;
  if (targets.length === 0) throw new NegativeError(`no matching ${noun}s; nothing was sent`);
  await confirmTargets(context, input, write, plan);
  const writer = await openBulkWriter(context, write);
  const file = await outcomeFileOf(input, header, targets, resumed);
  try {
    return await runBulkWrite(context, {
      writer,
      verb: write.action.verb,
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
  cluster: ClusterReader,
  input: BulkSessionInput,
  write: BulkWrite,
): Promise<BulkPlan> {
  const selection = await parseSelectorFlags(input);
  const {targets, outcomes} = await selectTargets(cluster, {...selection, signal: context.signal});
  if (outcomes.some(({status}) => status === 'failed')) {
    if (!context.outputOptions.allowPartial || !hasAnyAnswer(outcomes)) throw unknownTargetsError(outcomes);
    await warn(context, `${missingGatesText(outcomes)}; their sessions are left out`);
  }
  const isWholeCluster = selection.gates === undefined && selection.where === undefined;
  return {...planOf(context, write, targets, selection.where?.text), isWholeCluster};
}

function planOf(
  context: CommandContext,
  {action, about}: BulkWrite,
  targets: readonly Target[],
  where = '',
): BulkPlan {
  const at = new Date(context.now()).toISOString();
  return {header: {version: 1, action: action.verb, about, where, at, count: targets.length}, targets};
}

const nounOf = ({writer}: BulkWrite): BulkWriter['noun'] => writer?.noun ?? 'session';

/** States that a resumed run does not retry. */
const finalStates: readonly (TargetState | undefined)[] = ['done', 'gone'];

async function planRest(
  context: CommandContext,
  input: Pick<BulkSessionInput, 'resume'>,
  {action, about}: BulkWrite,
): Promise<BulkPlan> {
  const {header, targets} = await readOutcomeFile(input.resume ?? '');
  if (header.action !== action.verb || JSON.stringify(header.about) !== JSON.stringify(about)) {
    throw new UsageError(
      `cannot resume "${input.resume}": it belongs to another write (${header.action} ${JSON.stringify(header.about)})`,
      {hint: 'repeat the command that wrote it, with --resume'},
    );
  }
  // a message that may have arrived is not sent a second time
  const repeats = action.verb !== 'send';
  const unknown = [...targets.values()].filter(({state}) => state === 'unknown').length;
  if (unknown > 0 && !repeats)
    await warn(context, `${formatPlural(unknown, 'session')} may already have the message: not sent again`);
  const skipped = repeats ? finalStates : [...finalStates, 'unknown'];
  return {header, targets: [...targets.values()].filter(({state}) => !skipped.includes(state))};
}

async function showPlan(
  context: CommandContext,
  input: Pick<BulkWriteInput, 'outcome'>,
  write: BulkWrite,
  {header, targets}: BulkPlan,
): Promise<ExitCode> {
  if (input.outcome !== undefined) await (await OutcomeFile.create(input.outcome, header, targets)).close();
  const {action, about, where} = header;
  const noun = nounOf(write);
  context.journalDraft.counts = {targets: targets.length};
  await showRows(context, targetPresenter(noun, action), targets, {
    would: action,
    about,
    where,
    targets: targets.length,
  });
  await notice(context, `would ${action} ${formatPlural(targets.length, noun)}; nothing was sent`);
  return ExitCode.done;
}

/**
 * Asks y/N for a few targets and for a typed phrase for many; for a whole cluster, the context name must be typed. Without a
 * terminal, requires --yes, and --expect for many targets.
 */
async function confirmTargets(
  context: CommandContext,
  {expect, uid}: BulkWriteInput & Pick<BulkSessionInput, 'uid'>,
  write: BulkWrite,
  {targets, isWholeCluster = false}: BulkPlan,
): Promise<void> {
  const {action, destroys} = write;
  const noun = nounOf(write);
  const count = targets.length;
  const isMany = count > maxTargetsWithoutTypedConfirmation;
  // an operator who selects by uid may not expect several sessions of one user
  const mayRepeat =
    action.verb === 'send' && uid !== undefined && expect !== count && hasDuplicateUid(targets);
  if (context.outputOptions.yes) {
    if (!isMany || expect === count) return;
    throw new UsageError(
      `missing --expect: --yes alone does not confirm ${formatPlural(count, noun)}; nothing was sent`,
      {
        hint: `pass --yes --expect ${count}`,
        retryWith: ['--expect', String(count)],
      },
    );
  }
  const question = bulkQuestion(action.verb, formatPlural(count, noun), isWholeCluster);
  if (!isMany && !destroys && !mayRepeat) return await confirmContextName(context, question);
  const lines = targetQuestionLines(targets, noun);
  if (!context.isInteractive) {
    const samples = lines.at(-1)?.[1];
    throw new UsageError(
      `cannot confirm "${question}" (${samples}): no terminal to ask on; nothing was sent`,
      {
        hint: isMany
          ? `pass --yes --expect ${count}`
          : mayRepeat
            ? `give one session as <gate>/<session>, or pass --expect ${count} to write to all of them`
            : 'pass --yes to run it without confirmation',
        retryWith: [
          ...(mayRepeat && !isMany ? [] : ['--yes']),
          ...(isMany || mayRepeat ? ['--expect', String(count)] : []),
        ],
      },
    );
  }
  const {contextName, protected: isProtected} = await context.connection();
  const namesContext = isMany && isWholeCluster && contextName !== undefined && isProtected === undefined;
  const phrase = isMany ? {token: `${action.verb} ${count}`} : 'yes';
  await confirmWrite(context, {
    question,
    lines,
    answer: namesContext ? 'name' : phrase,
  });
}

/** Whether two or more targets share a uid. */
const hasDuplicateUid = (targets: readonly Target[]): boolean =>
  new Set(targets.map(({uid}) => uid)).size < targets.length;

async function outcomeFileOf(
  {outcome}: BulkWriteInput,
  header: OutcomeFileHeader,
  targets: readonly Target[],
  resumed: string | undefined,
): Promise<OutcomeFile | undefined> {
  if (resumed !== undefined) return await OutcomeFile.reopen(resumed);
  return outcome === undefined ? undefined : await OutcomeFile.create(outcome, header, targets);
}
