import {ExitCode} from '../../../errors.js';
import {parseDurationMs} from '../../parsers.js';
import {showOne} from '../../present.js';
import {withSession} from '../../session-argument.js';
import {confirm, notice} from '../../talk.js';
import type {Verb} from '../../verb.js';

export interface SessionsKickInput {
  readonly session: string;
  readonly wait: number;
}

export const sessionsKick: Verb<SessionsKickInput> = {
  examples: [
    'gatectl sessions kick 5f0084b6970dc3',
    'gatectl sessions kick Gate@a1/5f0084b6970dc3 --yes --wait 10s',
  ],
  declare: (command) =>
    withSession(command).option(
      '--wait <duration>',
      'how long to wait until it is gone (5s)',
      parseDurationMs,
      5000,
    ),
  run: async (context, {session, wait}) => {
    const cluster = await context.openCluster();
    const {node, session: found} = await cluster.locate(session, {allowPrefix: context.interactive});
    const who = found.userId === '' ? 'a guest' : `uid "${found.userId}"`;
    await confirm(context, `kick session "${found.sessionId}" of ${who} on ${node.id}?`);
    const {state} = await cluster.kick(`${node.id}/${found.sessionId}`, {waitMs: wait});
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
      `the gate said yes, but still has the session; see: gatectl sessions get ${node.id}/${found.sessionId}`,
    );
    return ExitCode.outcomeUnknown;
  },
};
