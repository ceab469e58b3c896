import {ExitCode, NegativeError, UsageError} from '../../../base/errors.js';
import {type BulkInput, isBulk, withBulkFlags} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {dryRunOne} from '../../bulk/dry-run-one.js';
import type {CommandContext} from '../../command-context.js';
import {journaledState} from '../../journal/journal-notes.js';
import {parseDurationMs} from '../../line/parsers.js';
import {parseSessionReference} from '../../line/session-argument.js';
import {confirmWrite} from '../../show/confirm-write.js';
import {notice} from '../../show/notices.js';
import {showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SessionsKickInput extends BulkInput {
  readonly session?: string | undefined;
  readonly wait: number;
  readonly ignoreMissing?: boolean;
}

export const sessionsKick: Verb<SessionsKickInput> = {
  examples: [
    'gatectl sessions kick 5f0084b6970dc3 --wait 10s',
    'gatectl sessions kick --gate Gate@a1 --older-than 1h --rate 50 --outcome drain.jsonl',
  ],
  declare: (command) =>
    withBulkFlags(command.argument('[session]', 'session id, or Gate@id/<session id>', parseSessionReference))
      .option('--wait <duration>', 'how long to wait for the session to close (5s)', parseDurationMs, 5000)
      .option('--ignore-missing', 'exit 0 when no gate has the session'),
  handlesAbort: isBulk,
  run: async (context, {session, wait, ignoreMissing = false, ...input}) => {
    if (isBulk(input)) {
      if (session !== undefined)
        throw new UsageError(`cannot combine session "${session}" with a selection: use one of them`);
      const action = {verb: 'kick', waitMs: wait} as const;
      return await writeToMany(context, input, {action, about: {}, destroys: true});
    }
    if (session !== undefined) {
      const kick = async () =>
        (await dryRunOne(context, session, input)) ?? (await kickOne(context, session, wait));
      return ignoreMissing ? await ignoringMissing(context, kick) : await kick();
    }
    throw new UsageError('missing session: give an id, or select sessions with --where, --uid or --all', {
      hint: 'gatectl sessions list',
    });
  },
};

/** Exits 0 when the session is missing. NegativeError means that every gate answered. */
async function ignoringMissing(context: CommandContext, kick: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await kick();
  } catch (error) {
    if (!(error instanceof NegativeError)) throw error;
    await notice(context, error.message);
    return ExitCode.done;
  }
}

async function kickOne(context: CommandContext, session: string, waitMs: number): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const {node, session: found} = await cluster.locate(session, {allowPrefix: context.isInteractive});
  const who = found.userId === '' ? 'a guest' : `uid "${found.userId}"`;
  const question = `kick session "${found.sessionId}" of ${who} on ${node.id}?`;
  await confirmWrite(context, {question, answer: 'yes'});
  const {state} = await cluster.kick(`${node.id}/${found.sessionId}`, {waitMs});
  context.notes.addChange(`${node.id}/${found.sessionId}`, journaledState(found), state);
  await showOne(context, {
    id: found.sessionId,
    fields: [
      ['session', found.sessionId],
      ['gate', node.id],
      ['uid', found.userId],
      ['state', state],
    ],
    record: {id: found.sessionId, gate: node.id, uid: found.userId, state},
  });
  if (state === 'closed') return ExitCode.done;
  await notice(
    context,
    `the gate accepted the kick but still has the session; to check: gatectl sessions get ${node.id}/${found.sessionId}`,
  );
  return ExitCode.outcomeUnknown;
}
