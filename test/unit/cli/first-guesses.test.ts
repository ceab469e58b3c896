import {describe, expect, test} from 'vitest';
import {shellWords} from '../../../src/cli/line/complete/shell-words.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';

const id = '5f0084b6970dc312';

/** Two gates; the user u42 has a record and one session, vip sessions are in the lobby. */
function world() {
  const gates = [new FakeGate('Gate@a1'), new FakeGate('Gate@a2')] as const;
  const vip = stringBag([
    ['vip', '1'],
    ['room', 'lobby'],
  ]);
  gates[0].add(aRow({sessionId: id, userId: 'u42', serverId: 'Gate@a1', settings: vip}));
  gates[1].add(aRow({sessionId: '77aa84b6970dc399', userId: 'u43', serverId: 'Gate@a2', settings: vip}));
  gates[1].add(aRow({sessionId: '99bb84b6970dc399', serverId: 'Gate@a2'}));
  const value = Buffer.from(encodeSession(newSession({userId: 'u42', sessionId: id, serverId: 'Gate@a1'})));
  for (const uid of ['u42', 'offline7']) gates[0].records.set(uid, {uid, value, revision: '1', expiresAt: 0});
  return {gates, contexts: {prod: {}}, selected: 'prod'};
}

/**
 * What a stranger types for everyday tasks, and the command that does it. The guess works, or the command in its hint does
 * when it is pasted.
 */
const tasks: readonly (readonly [task: string, guess: string, command: string])[] = [
  ['where is user u42', 'find u42', 'sessions find u42'],
  ['where is user u42', 'get u42', 'sessions find u42'],
  ['where is user u42', 'whois u42', 'sessions find u42'],
  ['where is user u42', 'sessions u42', 'sessions find u42'],
  ['where is user u42', 'sessions list u42', 'sessions find u42'],
  ['where is user u42', 'search --uid u42', 'sessions find'],
  ['look at a session', `get ${id}`, `sessions get ${id}`],
  ['look at a session', `describe session ${id}`, `sessions get ${id}`],
  ['look at a session by its cut id', 'sessions get 5f0084', `sessions get`],
  ['look at a session by its user', 'sessions get u42', 'sessions get uid:u42'],
  ['who is online', 'who', 'sessions list'],
  ['who is online', 'users', 'sessions list'],
  ['who is online', 'get sessions', 'sessions list'],
  ['who is online', 'ls', 'sessions list'],
  ['who is online, for a program', 'sessions ls --json', 'sessions list'],
  ['who is online, oldest first', 'sessions list --sort-by=age', 'sessions list'],
  ['who is in the lobby', 'sessions list -l room=lobby', 'sessions list'],
  ['who is in the lobby', 'sessions list --filter settings.room=="lobby"', 'sessions list'],
  ['who is on gate a2', 'sessions list --node Gate@a2', 'sessions list'],
  ['how many are online', 'online', 'sessions count'],
  ['how many are online', 'count', 'sessions count'],
  ['how many are online', 'sessions total', 'sessions count'],
  ['which gates are there', 'nodes', 'gates list'],
  ['which gates are there', 'list gates', 'gates list'],
  ['which gates are there', 'gate list', 'gates list'],
  ['how is gate a1', 'describe gate Gate@a1', 'gates info Gate@a1'],
  ['how is gate a1', 'get Gate@a1', 'gates info Gate@a1'],
  ['are the gates up', 'ping', 'gates ping'],
  ['are the gates up', 'status', 'gates info'],
  ['kick user u42', 'kick u42 --yes', 'sessions kick uid:u42 --yes'],
  ['kick user u42', 'sessions kick u42 --yes', 'sessions kick uid:u42 --yes'],
  ['kick user u42', 'disconnect u42 --yes', 'sessions kick uid:u42 --yes'],
  ['kick a session', `drop session ${id} --yes`, `sessions kick ${id} --yes`],
  ['kick two users', 'sessions kick u42 u43 --yes', 'sessions kick uid:u42 uid:u43 --yes'],
  ['kick all in the lobby', 'sessions kick -l room=lobby --yes', 'sessions kick --setting room=lobby --yes'],
  ['tell u42 something', 'push u42 /news hello', 'send uid:u42 /news hello'],
  ['tell u42 something', `notify ${id} /news hello`, `send ${id} /news hello`],
  ['tell everybody something', 'announce /news hello --yes', 'broadcast /news hello --yes'],
  ['mute u42', 'set u42 muted=1', 'settings set uid:u42 muted=1'],
  ['mute u42', `settings update ${id} muted=1`, `settings set ${id} muted=1`],
  ['see the settings of u42', 'settings show uid:u42', 'settings list uid:u42'],
  ['unmute u42', `settings rm ${id} vip`, `settings unset ${id} vip`],
  ['give a session to u7', `rebind ${id} u7`, `bind ${id} u7`],
  ['see a record', 'record get u42', 'records get u42'],
  ['delete a record', 'records rm offline7 --yes', 'records delete offline7 --yes'],
  ['delete a record', 'delete record offline7 --yes', 'records delete offline7 --yes'],
  ['see what colleagues did', 'history', 'audit list'],
  ['see what colleagues did', 'log', 'sessions watch'],
  ['use another cluster', 'use prod', 'context use prod'],
  ['see the configuration', 'config', 'context show'],
  ['which version is this', 'version', '--version'],
];

/** Commands that run until they are stopped, which only their names are checked of. */
const endless = /^sessions watch/;

describe('a first guess works, or leads there in one step', () => {
  test.each(tasks)('%s: %s', async (_, guess, command) => {
    const typed = await gatectl(guess, {...world(), stdin: ''});
    const [, hint = ''] = /^hint: .*?gatectl ([^\n]*?)(?:, or gatectl [^\n]*)?$/m.exec(typed.err) ?? [];
    if (typed.code === 0) return expect(typed.out).not.toBe('');
    expect(hint, typed.err).toContain(command);
    if (endless.test(hint)) return;
    const pasted = await gatectl(shellWords(hint), world());
    expect(pasted.code, `gatectl ${hint}: ${pasted.err}`).toBe(0);
  });
});
