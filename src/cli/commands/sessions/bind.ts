import {Option} from 'commander';
import {ConflictError, UsageError} from '../../../base/errors.js';
import {type BindPlan, planBind} from '../../../cluster/write/bind-plan.js';
import {type DuplicatePolicy, duplicatePolicies, executeBind} from '../../../cluster/write/bind-policy.js';
import {plural} from '../../../output/text/humanize.js';
import {bindPlanFields} from '../../../presentation/bind-plan-fields.js';
import {bindWarnings} from '../../../presentation/bind-warnings.js';
import type {CommandContext} from '../../command-context.js';
import {parseChoice, parseDurationMs, parseUid} from '../../line/parsers.js';
import {withSession} from '../../line/session-argument.js';
import {withTapFlag} from '../../line/stock-flags.js';
import {confirmWrite, targetLines} from '../../show/confirm-write.js';
import {notice, warn} from '../../show/notices.js';
import {showChange} from '../../show/show-change.js';
import {showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {type StoreInput, withStoreFlag} from '../records/record-options.js';

interface BindInput extends StoreInput {
  readonly session: string;
  readonly uid: string;
  readonly ifBound: 'refuse' | 'rebind';
  readonly duplicate: DuplicatePolicy;
  readonly clearSettings?: boolean;
  readonly wait: number;
  readonly dryRun?: boolean;
}

export const bind: Verb<BindInput> = {
  examples: [
    'gatectl bind 5f0084b6970dc3 u42 --dry-run',
    'gatectl bind Gate@a1/5f0084b6970dc3 u42 --if-bound refuse --duplicate takeover',
  ],
  declare: (command) =>
    withTapFlag(
      withStoreFlag(withSession(command).argument('<uid>', 'user id to bind the session to', parseUid)),
    )
      .addOption(
        choiceOption('--if-bound <policy>', 'when the session has another uid', ['rebind', 'refuse']),
      )
      .addOption(choiceOption('--duplicate <policy>', 'when the uid has another session', duplicatePolicies))
      .option('--clear-settings', 'remove the settings of the session first')
      .option('--wait <duration>', 'how long to wait for a duplicate to close (10s)', parseDurationMs, 10_000)
      .option('--dry-run', 'show the effect of the bind; send nothing'),
  run: async (context, input) => {
    const {session, uid, store, duplicate, dryRun = false, wait} = input;
    const cluster = await context.openCluster();
    const records = store === undefined ? undefined : await context.openRecords(store);
    const allowPrefix = context.isInteractive;
    const plan = await planBind(cluster, session, {uid, clear: input.clearSettings, records, allowPrefix});
    refuseBound(plan, input);
    if (dryRun) return await showOne(context, bindPlanFields(plan, duplicate));
    await printWarnings(context, plan);
    if (duplicate === 'takeover') await confirmTakeover(context, plan);
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

function choiceOption(flags: string, about: string, choices: readonly string[]): Option {
  return new Option(flags, about).argParser(parseChoice(choices)).default(choices[0]).choices(choices);
}

function refuseBound({session, uid}: BindPlan, {ifBound}: BindInput): void {
  if (ifBound !== 'refuse' || session.userId === '' || session.userId === uid) return;
  throw new ConflictError(`session "${session.sessionId}" is bound to "${session.userId}"`, {
    hint: 'pass --if-bound rebind to bind it to another uid',
  });
}

/** Prints the effects of the bind before it is sent. */
async function printWarnings(context: CommandContext, plan: BindPlan): Promise<void> {
  const {notices, warnings} = bindWarnings(plan);
  for (const line of notices) await notice(context, line);
  for (const line of warnings) await warn(context, line);
}

/** Asks before a takeover closes other sessions. */
async function confirmTakeover(context: CommandContext, {uid, others}: BindPlan): Promise<void> {
  if (others.rows.length === 0) return;
  if (!context.outputOptions.yes && !context.isInteractive)
    throw new UsageError(
      `cannot confirm closing another session of "${uid}": there is no terminal to ask on`,
      {
        hint: 'pass --yes to close it without a confirmation',
      },
    );
  await confirmWrite(context, {
    question: `close ${plural(others.rows.length, 'other session')} of uid "${uid}"?`,
    lines: targetLines(others.rows.map(({node, session}) => ({node, id: session.sessionId, uid}))),
    answer: 'yes',
  });
}
