import {type Command, Option} from 'commander';
import {ConflictError, UsageError} from '../../../base/errors.js';
import {type BindPlan, planBind} from '../../../cluster/write/bind-plan.js';
import {
  type DuplicateUidPolicy,
  duplicateUidPolicies,
  executeBind,
} from '../../../cluster/write/execute-bind.js';
import {formatPlural} from '../../../output/text/humanize.js';
import {bindPlanFields, bindWarnings} from '../../../presentation/bind-plan-text.js';
import {addBulkWriteFlags} from '../../bulk/bulk-flags.js';
import type {BulkWrite} from '../../bulk/bulk-write.js';
import type {CommandContext} from '../../command-context.js';
import {parseChoice, parseDurationMs} from '../../line/parsers.js';
import {parseSessionReference, sessionReferenceHelp} from '../../line/session-argument.js';
import {addTapFlag} from '../../line/stock-flags.js';
import {confirmContextName, confirmWrite, targetQuestionLines} from '../../show/confirm-write.js';
import {notice, warn} from '../../show/notices.js';
import {showChange} from '../../show/show-change.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {storeArgument} from '../records/bulk-records.js';
import {addStoreFlag, type StoreInput} from '../records/record-flags.js';
import {
  type BulkBindInput,
  buildPacedBindWrite,
  checkBindPairs,
  isSinglePair,
  parseUidToBind,
  runBulkBind,
} from './bulk-bind.js';

interface BindOptions extends StoreInput {
  readonly ifBound: 'refuse' | 'rebind';
  readonly duplicate: DuplicateUidPolicy;
  readonly clearSettings?: boolean | undefined;
  readonly wait: number;
}

interface BindInput extends BindOptions, BulkBindInput {
  /** Pairs of a session and a uid, or `-` for a list on stdin. */
  readonly pair: readonly string[];
}

export const bind: Verb<BindInput> = {
  examples: [
    'gatectl bind 5f0084b6970dc3 u42 --dry-run',
    'gatectl bind - --expect 1204 --outcome binds.jsonl < pairs.txt',
    'gatectl bind Gate@a1/5f0084b6970dc3 u42 --if-bound refuse --duplicate takeover',
  ],
  declare: (command) =>
    addBulkWriteFlags(
      addTapFlag(addStoreFlag(withPairs(command))),
      'binds per second on each gate; 0 for no limit',
    )
      .addOption(
        choiceOption('--if-bound <policy>', 'what to do if the session has another uid', [
          'rebind',
          'refuse',
        ]),
      )
      .addOption(
        choiceOption(
          '--duplicate <policy>',
          'what to do if the uid has another session',
          duplicateUidPolicies,
        ),
      )
      .option('--clear-settings', "remove the session's settings first")
      .option('--wait <duration>', 'how long to wait for a duplicate to close (10s)', parseDurationMs, 10_000)
      .option('--plan <file>', 'save the binds for gatectl apply; send nothing')
      .option('--resume <file>', 'continue with the unfinished binds of an outcome file')
      .option('--dry-run', 'show what the bind would change; send nothing'),
  handlesAbort: ({pair, ...input}) => !isSinglePair(pair, input),
  confirms: true,
  run: async (context, {pair, ...input}) => {
    const {store, duplicate, dryRun = false, wait} = input;
    if (!isSinglePair(pair, input)) return await bindPairs(context, pair, input);
    const [session = '', uid = ''] = [parseSessionReference(pair[0] ?? ''), parseUidToBind(pair[1] ?? '')];
    const cluster = await context.openCluster();
    const records = store === undefined ? undefined : await context.openRecords(store);
    const allowPrefix = context.allowsPrefix;
    const plan = await planBind(cluster, session, {uid, clear: input.clearSettings, records, allowPrefix});
    refuseBound(plan, input);
    if (dryRun) return await showItem(context, bindPlanFields(plan, duplicate));
    await printWarnings(context, plan);
    await confirmBind(context, plan, duplicate);
    const {others, closed, ...change} = await executeBind(cluster, plan, {duplicate, waitMs: wait});
    for (const reference of closed) await notice(context, `closed ${reference}`);
    if (duplicate === 'allow' && others.rows.length > plan.others.rows.length)
      await warn(
        context,
        `uid "${uid}" was also bound elsewhere; to list its sessions: gatectl sessions find ${uid}`,
      );
    return await showChange(context, change);
  },
};

const withPairs = (command: Command): Command =>
  command
    .usage('<session> <uid> | <session> <uid> … | -')
    .argument(
      '[pair...]',
      `session and the uid to bind it to, or several such pairs: ${sessionReferenceHelp}; - reads a list from stdin`,
    );

/** Binds each pair with the same policies. Unlike a single bind, prints no warnings about each. */
async function bindPairs(
  context: CommandContext,
  pair: readonly string[],
  {store, duplicate, ifBound, clearSettings, wait, ...pace}: Omit<BindInput, 'pair'>,
) {
  checkBindPairs(pair, pace);
  const write = await buildBindWrite(context, {store, duplicate, ifBound, clearSettings, wait});
  return await runBulkBind(context, pair, pace, write);
}

/** Returns the bulk write that binds each session to its target's uid. */
export async function buildBindWrite(
  context: CommandContext,
  {store, duplicate, ifBound, clearSettings = false, wait}: BindOptions,
): Promise<BulkWrite> {
  const cluster = await context.openCluster();
  const records = store === undefined ? undefined : await context.openRecords(store);
  return buildPacedBindWrite(cluster, {
    about: {ifBound, duplicate, clearSettings, ...storeArgument(store)},
    destroys: duplicate === 'takeover',
    bindOne: async (reference, uid) => {
      const plan = await planBind(cluster, reference, {uid, clear: clearSettings, records});
      refuseBound(plan, {ifBound});
      await executeBind(cluster, plan, {duplicate, waitMs: wait});
    },
  });
}

function choiceOption(flags: string, about: string, choices: readonly string[]): Option {
  return new Option(flags, about).argParser(parseChoice(choices)).default(choices[0]).choices(choices);
}

function refuseBound({session, uid}: BindPlan, {ifBound}: Pick<BindInput, 'ifBound'>): void {
  if (ifBound !== 'refuse' || session.userId === '' || session.userId === uid) return;
  throw new ConflictError(`session "${session.sessionId}" is bound to "${session.userId}"`, {
    hint: 'to bind it to the other uid: --if-bound rebind',
  });
}

/** Prints notices and warnings about the effects of the bind. */
async function printWarnings(context: CommandContext, plan: BindPlan): Promise<void> {
  const {notices, warnings} = bindWarnings(plan);
  for (const line of notices) await notice(context, line);
  for (const line of warnings) await warn(context, line);
}

/** Asks before a takeover closes other sessions. In a protected context, asks before every bind. */
async function confirmBind(
  context: CommandContext,
  {uid, session, others}: BindPlan,
  duplicate: DuplicateUidPolicy,
): Promise<void> {
  if (duplicate !== 'takeover' || others.rows.length === 0)
    return await confirmContextName(context, `bind session "${session.sessionId}" to uid "${uid}"?`);
  if (!context.outputOptions.yes && !context.isInteractive)
    throw new UsageError(`cannot confirm closing another session of "${uid}": no terminal to ask on`, {
      hint: 'pass --yes to close it without confirmation',
      retryWith: ['--yes'],
    });
  await confirmWrite(context, {
    question: `close ${formatPlural(others.rows.length, 'other session')} of uid "${uid}"?`,
    lines: targetQuestionLines(others.rows.map(({node, session: {sessionId: id}}) => ({node, id, uid}))),
    answer: 'yes',
  });
}
