import {ExitCode} from '../../../base/errors.js';
import {sessionWrite} from '../../bulk/action-details.js';
import {
  type BulkInput,
  inBulk,
  onlySession,
  sessionsNamed,
  withBulkFlags,
  withSessions,
} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {writeToOne} from '../../bulk/write-to-one.js';
import type {CommandContext} from '../../command-context.js';
import {journaledState} from '../../journal/journal-notes.js';
import {parseDurationMs} from '../../line/parsers.js';
import {confirmWrite} from '../../show/confirm-write.js';
import {notice} from '../../show/notices.js';
import {showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SessionsKickInput extends BulkInput {
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
    withBulkFlags(withSessions(command)).option(
      '--wait <duration>',
      'how long to wait for the session to close (5s)',
      parseDurationMs,
      5000,
    ),
  ...inBulk(({session}) => session),
  confirms: true,
  run: async (context, {session, wait, ...input}) => {
    const sessions = sessionsNamed(session, input);
    const only = onlySession(sessions, input);
    if (only === undefined)
      return await writeToMany(context, input, sessionWrite({verb: 'kick', waitMs: wait}), sessions);
    return await writeToOne(context, only, input, () => kickOne(context, only, wait));
  },
};

async function kickOne(context: CommandContext, session: string, waitMs: number): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const {node, session: found} = await cluster.locate(session, {allowPrefix: context.allowsPrefix});
  const who = found.userId === '' ? 'a guest' : `uid "${found.userId}"`;
  const question = `kick session "${found.sessionId}" of ${who} on ${node.id}?`;
  await confirmWrite(context, {question, answer: 'yes'});
  const {state} = await cluster.kick(`${node.id}/${found.sessionId}`, {waitMs});
  context.notes.addChange(`${node.id}/${found.sessionId}`, journaledState(found), state);
  await showOne(context, {
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
