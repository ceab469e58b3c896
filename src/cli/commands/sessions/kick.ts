import {ExitCode} from '../../../base/errors.js';
import {
  addBulkSessionFlags,
  addSessionArguments,
  type BulkSessionInput,
  bulkVerbMembers,
  sessionReferences,
  singleSession,
} from '../../bulk/bulk-flags.js';
import {writeToSessions} from '../../bulk/bulk-write.js';
import {buildSessionWrite} from '../../bulk/session-write.js';
import {writeToSession} from '../../bulk/write-to-session.js';
import type {CommandContext} from '../../command-context.js';
import {maskedSessionState} from '../../journal/journal-draft.js';
import {parseDurationMs} from '../../line/parsers.js';
import {confirmWrite} from '../../show/confirm-write.js';
import {notice} from '../../show/notices.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SessionsKickInput extends BulkSessionInput {
  readonly session: readonly string[];
  readonly wait: number;
}

export const sessionsKick: Verb<SessionsKickInput> = {
  examples: [
    'gatectl sessions kick 5f0084b6970dc3 --wait 10s',
    'gatectl sessions kick uid:u42 uid:u43 --yes',
    'gatectl sessions kick - --yes --expect 1204 --outcome kicks.jsonl < ids.txt',
    'gatectl sessions kick --gate Gate@a1 --older-than 1h --rate 50 --outcome drain.jsonl',
  ],
  declare: (command) =>
    addBulkSessionFlags(addSessionArguments(command)).option(
      '--wait <duration>',
      'how long to wait for the session to close (5s)',
      parseDurationMs,
      5000,
    ),
  ...bulkVerbMembers(({session}) => session),
  confirms: true,
  run: async (context, {session, wait, ...input}) => {
    const sessions = sessionReferences(session, input);
    const only = singleSession(sessions, input);
    if (only === undefined)
      return await writeToSessions(context, input, buildSessionWrite({verb: 'kick', waitMs: wait}), sessions);
    return await writeToSession(context, only, input, () => kickOne(context, only, wait));
  },
};

async function kickOne(context: CommandContext, session: string, waitMs: number): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const {node, session: found} = await cluster.locate(session, {allowPrefix: context.allowsPrefix});
  const who = found.userId === '' ? 'a guest' : `uid "${found.userId}"`;
  const question = `kick session "${found.sessionId}" of ${who} on ${node.id}?`;
  await confirmWrite(context, {question, answer: 'yes'});
  const {state} = await cluster.kick(`${node.id}/${found.sessionId}`, {waitMs});
  context.journalDraft.addChange(`${node.id}/${found.sessionId}`, maskedSessionState(found), state);
  await showItem(context, {
    id: found.sessionId,
    fields: [
      ['id', found.sessionId],
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
