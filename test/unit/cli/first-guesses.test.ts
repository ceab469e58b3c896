import {stripVTControlCharacters} from 'node:util';
import {describe, expect, test} from 'vitest';
import {InterruptedError} from '../../../src/base/errors.js';
import {splitShellWords} from '../../../src/cli/line/complete/shell-words.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession, stringBag} from '../../../src/session/session.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl, memoryJournal} from '../../support/run-cli.js';

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
  ['who did what', 'show history since yesterday', 'audit list --since yesterday'],
  ['back into service', 'put Gate@a1 back in service', 'gates resume Gate@a1'],
  ['only ids', 'list session ids', 'sessions list -o ids'],
  ['how many have level 7', 'session ls level=7 --count', 'sessions count --setting level=7'],
  ['look at a session', `get ${id}`, `sessions get ${id}`],
  ['look at a session', `describe session ${id}`, `sessions get ${id}`],
  ['look at a session by its cut id', 'sessions get 5f0084', `sessions get`],
  ['look at a session by its user', 'sessions get u42', 'sessions get uid:u42'],
  ['a setting of u42', 'get user u42 -o jsonpath={.settings.vip}', 'settings get uid:u42 vip'],
  ['which cluster is this', 'conninfo', 'context show'],
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
  ['are the gates up', 'status', 'doctor'],
  ['are the gates up', 'health', 'doctor'],
  ['how many on each gate', 'top gates', 'gates info'],
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
  ['see a setting', `sessions get ${id} vip`, `settings get ${id} vip`],
  ['see a setting', `sessions show ${id} vip`, `settings get ${id} vip`],
  ['see a setting of u42', 'sessions get u42 vip', 'settings get uid:u42 vip'],
  ['see two settings', `sessions get ${id} vip room`, `settings list ${id}`],
  ['add a cluster', 'context add other nats://h:4222', 'context add other --server nats://h:4222'],
  ['add a cluster', 'context add other h:4222', 'context add other --server h:4222'],
  ['who came last', 'sessions list --newest', 'sessions list --sort age:asc'],
  ['who came last', 'sessions list --newest 1', 'sessions list --sort age:asc --limit 1'],
  ['who came first', 'sessions list --oldest=1', 'sessions list --sort age:desc --limit 1'],
  ['the longest idle last', 'sessions list --sort idle --asc', 'sessions list --sort=idle:asc'],
  ['users from Z to A', 'sessions list --sort=uid --reverse', 'sessions list --sort=-uid'],
  [
    'look at a session by few characters',
    'sessions get 5f00',
    `sessions list --where 'id.startsWith("5f00")'`,
  ],
  ['look at a session on a gate', 'sessions get Gate@a1/5f00', 'sessions list --where'],
  ['who uses websocket', 'sessions list --network ws', 'sessions list --network websocket'],
  ['who uses websocket', 'sessions count --network=WSS', 'sessions count --network=websocket'],
  [
    'kick by ids',
    `sessions kick --ids ${id},77aa84b6970dc399 --yes`,
    `sessions kick ${id} 77aa84b6970dc399 --yes`,
  ],
  ['kick by id', `sessions kick --id ${id} --yes`, `sessions kick ${id} --yes`],
  ['kick by uids', 'sessions kick --uids u42,u43 --yes', 'sessions kick uid:u42 uid:u43 --yes'],
  ['kick user u42', 'sessions delete u42 --yes', 'sessions kick uid:u42 --yes'],
  ['kick user u42', 'kick --user u42 --yes', 'sessions kick --uid u42 --yes'],
  ['where is user u42', 'sessions list -u u42', 'sessions list'],
  ['how many on each gate', 'sessions count gate', 'sessions count --by gate'],
  ['how many on each gate', 'count --group-by gate', 'sessions count --by gate'],
  ['how many in each room', 'sessions count by settings.room', 'sessions count --by settings.room'],
  ['see the settings', `settings ${id}`, `settings list ${id}`],
  ['see a record', 'record u42', 'records get u42'],
  ['where is user u42', 'get user u42', 'sessions find u42'],
  ['where is user u42', 'describe user u42', 'sessions find u42'],
  ['who is online', 'get users', 'sessions list'],
  ['which gates are there', 'get gates', 'gates list'],
  ['who has a setting', 'get users -l room=lobby', 'sessions list --setting room=lobby'],
  ['mute u42', 'label user u42 muted=1', 'settings set uid:u42 muted=1'],
  ['unmute u42', 'label user u42 vip-', 'settings unset uid:u42 vip'],
  ['see a setting of u42', 'hget u42 vip', 'settings get uid:u42 vip'],
  ['see a record', 'store get u42', 'records get u42'],
  ['see a record', 'db get u42', 'records get u42'],
  ['see a record', 'redis get u42', 'records get u42'],
  ['delete a record', 'store delete offline7 --yes', 'records delete offline7 --yes'],
  ['compare a record', 'store diff u42', 'records diff u42'],
  ['compare all records', 'store diff', 'anomalies'],
  ['session ids for a script', 'ps -q', 'sessions list -o ids'],
  ['columns for a program', 'sessions list --json id,uid', '-o json --columns id,uid'],
  ['tell u42 something', 'pub /news hello --user u42', 'send uid:u42 /news hello'],
  ['tell u42 something', 'pub -q 1 -t /news -m hello u42', 'send uid:u42 /news hello --qos 1'],
  ['count a level', 'count level=7', 'sessions count --setting level=7'],
  ['expire a record', 'expire offline7 3600 --yes', 'records expire offline7 3600s --yes'],
  ['see what colleagues did', 'logs --since 12h', 'audit list --since 12h'],
  ['see what colleagues did', 'history --since 12h', 'audit list --since 12h'],
  ['see what colleagues did', 'audit --since 12h', 'audit list --since 12h'],
  ['see calls', 'monitor', 'trace'],
  ['see calls', 'sniff', 'trace'],
  ['see calls', 'tcpdump', 'trace'],
  ['see events', 'events', 'sessions watch'],
  ['users with several sessions', 'sessions list --duplicates', 'anomalies'],
  ['use another cluster', 'config use-context prod', 'context use prod'],
  ['see the configuration', 'config current-context', 'context show'],
  ['see the clusters', 'config get-contexts', 'context list'],
  ['the longest idle', 'sessions top --sort idle', 'sessions list --sort idle'],
  ['clients that hang', 'sessions stuck', 'sessions top --by waiting --once'],
  ['clients that hang', 'sessions list --sort waiting', 'sessions top --by waiting --once'],
  ['where is user u42', 'u42', 'sessions find u42'],
  ['where is user u42', 'find-user u42', 'sessions find u42'],
  ['where is user u42', 'get user/u42', 'sessions find u42'],
  ['where is user u42', 'is u42 online', 'sessions find u42'],
  ['where is user u42', 'users u42', 'sessions find u42'],
  ['where is user u42', 'sessions find user=u42', 'sessions find u42'],
  ['where is user u42', "db.sessions.find({uid:'u42'})", 'sessions list'],
  ['look at a session', '5f0084b6', 'sessions get 5f0084b6'],
  ['look at a session', `get session/${id}`, `sessions get ${id}`],
  ['look at a session', `select * from sessions where id='5f0084b6'`, 'sessions get 5f0084b6'],
  ['look at a session', `sessions get session:${id}`, `sessions get ${id}`],
  ['who is online', 'who is online', 'sessions list'],
  ['who is online', 'listSessions', 'sessions list'],
  ['how many on each gate', 'how many sessions per gate', 'sessions count --by gate'],
  ['count a level', 'count users with level 7', 'sessions count --setting level=7'],
  ['count a level', 'sessions count level 7', 'sessions count --setting level=7'],
  ['kick user u42', 'kick-user u42', 'sessions kick uid:u42'],
  ['kick user u42', 'session kick user=u42', 'sessions kick uid:u42'],
  ['kick all on gate a1', 'kick everyone on Gate@a1 slowly', 'sessions kick --gate Gate@a1 --rate 10'],
  ['kick all on gate a1', 'gates kick Gate@a1', 'sessions kick --gate Gate@a1'],
  ['kick all on gate a1', 'sessions kick all on gate Gate@a1', 'sessions kick --gate Gate@a1'],
  ['tell u42 something', 'send hello to u42 on /news', 'send uid:u42 /news hello'],
  ['tell u42 something', 'publish /news hello u42', 'send uid:u42 /news hello'],
  ['tell u42 something', 'send /news hello to user u42', 'send uid:u42 /news hello'],
  ['tell u42 something', 'send --user u42 --topic /news --text hello', 'send uid:u42 /news hello'],
  [
    'tell u42, and see the receipt',
    'publish /news hello --user u42 --ack',
    'send uid:u42 /news hello --qos 1',
  ],
  [
    'tell u42, and see the receipt',
    'send u42 /news hello --delivery-report',
    'send uid:u42 /news hello --qos 1',
  ],
  ['tell u42, and see the receipt', 'send -q 1 -t /news -m hello u42', 'send uid:u42 /news hello --qos 1'],
  ['tell all, and see receipts', 'broadcast -t /news -m hello --ack', 'send /news hello --qos 1 --all'],
  ['tell everybody something', 'send all /news hello', 'broadcast /news hello'],
  ['tell everybody something', 'pub -t /news -m hello', 'broadcast /news hello'],
  ['tell everybody something', 'broadcast hello on /news', 'broadcast /news hello'],
  ['give a session to u7', `session ${id} bind u7`, `bind ${id} u7`],
  ['give a session to u7', `update sessions set uid='u7' where id='${id}'`, `bind ${id} u7`],
  ['take the uid off', `remove uid from ${id}`, `unbind ${id}`],
  ['mute u42', 'user settings set u42 muted=1', 'settings set uid:u42 muted=1'],
  ['mute u42', 'settings set muted=1 --user u42', 'settings set muted=1 --uid u42'],
  ['mute u42', 'set u42.muted=1', 'settings set uid:u42 muted=1'],
  ['mute u42', 'settings set muted 1 for u42', 'settings set uid:u42 muted=1'],
  ['unmute u42', 'settings unset vip from u42', 'settings unset uid:u42 vip'],
  ['unmute u42', `update sessions set vip=null where uid='u42'`, 'settings unset vip --where'],
  ['see a record', 'get stored record u42', 'records get u42'],
  ['see a record', 'user record u42', 'records get u42'],
  ['see a record', 'records get --user u42', 'records get u42'],
  ['back up all records', 'records dump', 'records export'],
  ['delete a record', 'delete record of user offline7 --yes', 'records delete offline7 --yes'],
  ['expire a record', 'records expire offline7 in 1 hour --yes', 'records expire offline7 1h'],
  ['expire a record', 'set ttl offline7 1h --yes', 'records expire offline7 1h --yes'],
  ['expire a record', 'pexpire offline7 3600000 --yes', 'records expire offline7 3600s --yes'],
  ['which gates are there', 'get svc', 'gates list'],
  ['drain a gate', 'set gate Gate@a1 state=draining --yes', 'gates drain Gate@a1'],
  ['drain a gate', 'take Gate@a1 out of service --yes', 'gates drain Gate@a1'],
  ['put a gate back', 'put Gate@a1 back', 'gates resume Gate@a1'],
  ['put a gate back', 'undo drain Gate@a1', 'gates resume Gate@a1'],
  ['put a gate back', 'gates drain Gate@a1 off', 'gates resume Gate@a1'],
  ['see what colleagues did', 'audit list yesterday', 'audit list --since yesterday'],
  ['see what colleagues did', 'who kicked whom', 'audit list --words kick'],
  ['which cluster is this', 'which cluster am i on', 'context show'],
  ['use another cluster', 'switch to prod', 'context use prod'],
  ['use another cluster', 'profile select prod', 'context use prod'],
  ['sessions for a spreadsheet', 'list sessions as csv', 'sessions list -o csv'],
];

/** What a stranger types to write to the targets in a file, the line that does it, and a line of the file. */
const listTasks: readonly (readonly [guess: string, command: string, line: string])[] = [
  ...['--file', '--ids', '--from', '--input', '-f'].map(
    (flag) => [`sessions kick ${flag} ids.txt --yes`, 'sessions kick - --yes', id] as const,
  ),
  ['sessions kick --file=ids.txt --yes', 'sessions kick - --yes', id],
  ['sessions kick @ids.txt --yes', 'sessions kick - --yes', id],
  ['sessions kick ids.txt --yes', 'sessions kick - --yes', id],
  ['--context prod unbind --ids ids.txt', '--context prod unbind -', id],
  ['unbind @ids.txt', 'unbind -', id],
  ['send --ids ids.txt /news hello', 'send - /news hello', id],
  ['send @ids.txt /news hello', 'send - /news hello', id],
  ['settings set --file ids.txt muted=1', 'settings set - muted=1', id],
  ['settings set @ids.txt muted=1', 'settings set - muted=1', id],
  ['settings unset --ids ids.txt vip', 'settings unset - vip', id],
  ['settings unset @ids.txt vip', 'settings unset - vip', id],
  ['bind --input ids.txt', 'bind -', `${id} u42`],
  ['bind @ids.txt', 'bind -', `${id} u42`],
  ['records get --ids ids.txt', 'records get -', 'u42'],
  ['records get @ids.txt', 'records get -', 'u42'],
  ['records rm --from ids.txt --yes', 'records delete - --yes', 'offline7'],
  ['records delete @ids.txt --yes', 'records delete - --yes', 'offline7'],
  ['records expire --file ids.txt 1h --yes', 'records expire - 1h --yes', 'offline7'],
];

/** Commands that run until they are stopped, which only their names are checked of. */
const endless = /^(?:sessions watch|trace)/;

/** Interrupts a command that runs until it is stopped. */
function untilEndless() {
  const stop = new AbortController();
  const onErr = (text: string) => {
    const [, ran = ''] = /^running: gatectl (.*)$/m.exec(text) ?? [];
    if (endless.test(ran)) stop.abort(new InterruptedError('SIGINT'));
  };
  return {signal: stop.signal, onErr};
}

describe('a first guess works, or its error names the right command', () => {
  test.each(tasks)('%s: %s', async (_, guess, command) => {
    const typed = await gatectl(guess, {...world(), stdin: '', ...untilEndless()});
    const [, ran] = /^running: gatectl (.*)$/m.exec(typed.err) ?? [];
    if (typed.code === 0 || (ran !== undefined && endless.test(ran)) || ran === 'anomalies')
      return expect(ran ?? typed.out).not.toBe('');
    const [, hint = ''] = /^hint: .*?gatectl ([^\n]*?)(?:, or gatectl [^\n]*)?$/m.exec(typed.err) ?? [];
    expect(hint, typed.err).toContain(command);
    if (endless.test(hint)) return;
    const pasted = await gatectl(splitShellWords(hint), world());
    expect(pasted.code, `gatectl ${hint}: ${pasted.err}`).toBe(0);
  });
});

/** Readings that run, with the whole line that runs. */
const readings: readonly (readonly [guess: string, ran: string])[] = [
  ['show sessions order by age desc limit 10', 'sessions list --sort age:desc --limit 10'],
  ['show sessions limit 3', 'sessions list --limit 3'],
  ['list sessions order by connected limit 5', 'sessions list --sort age:desc --limit 5'],
  ['sessions order by age', 'sessions list --sort age'],
  ['get sessions sort by age', 'sessions list --sort age'],
  ['find order by age limit 3', 'sessions list --sort age --limit 3'],
  ['find sessions where uid=u42', `sessions list --where 'uid == "u42"'`],
  ['find sessions', 'sessions list'],
  ['find sessions --sort age --limit 5', 'sessions list --sort age --limit 5'],
  ['find sessions --json --fields id,uid', 'sessions list -o json --columns id,uid'],
  ['search sessions --limit 5', 'sessions list --limit 5'],
  ['find users --sort age', 'sessions list --sort age'],
  ['find sessions --select id,uid', 'sessions list --columns id,uid'],
  ['find sessions --cols id,uid', 'sessions list --columns id,uid'],
  [`get sessions -o json --query '[].{id:id,uid:uid}'`, 'sessions list --columns id,uid -o json'],
  [`get sessions -o yaml --query '[*].[id,uid]'`, 'sessions list --columns id,uid -o yaml'],
  [`get sessions --jq '.[].uid'`, 'sessions list -o json --columns uid'],
  [`get sessions -o json -q '.[]|{id,uid}'`, 'sessions list --columns id,uid -o json'],
  [`sessions list -o json -q '.[]|{id,uid}'`, 'sessions list --columns id,uid -o json'],
  ['get sessions --query level=7', 'sessions list --setting level=7'],
  ['ps -n 5', 'sessions list --sort age:asc --limit 5'],
  ['ps --last=5', 'sessions list --sort age:asc --limit 5'],
  ['ps -l', 'sessions list --sort age:asc --limit 1'],
  ['last 5 sessions', 'sessions list --sort age:asc --limit 5'],
  ['show last 5 sessions', 'sessions list --sort age:asc --limit 5'],
  ['newest 5', 'sessions list --sort age:asc --limit 5'],
  ['last', 'audit list'],
  ['config use-context prod', 'context use prod'],
];

test.each(readings)('%s: runs gatectl %s', async (guess, line) => {
  const {err} = await gatectl(splitShellWords(guess), {...world(), stdin: ''});
  expect(/^running: gatectl (.*?)(?: \(or: .*)?$/m.exec(err)?.[1], err).toBe(line);
});

test.each([
  ['status', '(or: gatectl context show, or gatectl gates info)'],
  ['status', 'context "prod", connected in '],
  ['tail', '(or: gatectl trace for the calls on the bus, or gatectl audit list for the writes of operators)'],
  ['count users where uid=u42', `(or: gatectl sessions count --where 'uid == "u42"' --by uid for users)`],
  [`settings unset ${id} uid`, `"uid" is no setting; to remove the uid: gatectl unbind ${id}\n`],
])('%s: also names %s', async (guess, text) => {
  const {out, err} = await gatectl(guess, {...world(), stdin: '', ...untilEndless()});
  expect(out + err).toContain(text);
});

describe('a first guess that lacks something is told what', () => {
  test.each([
    [
      'sessions list --where settings.room=lobby',
      `hint: did you mean: gatectl sessions list --where 'settings.room == "lobby"'\n`,
    ],
    [`sessions list --where uid='u42'`, `hint: did you mean: gatectl sessions list --where 'uid == "u42"'\n`],
    [
      'sessions list --where uid=u42||guest',
      `hint: did you mean: gatectl sessions list --where 'uid == "u42" || guest'\n`,
    ],
    ['sessions count --gate a1', 'hint: did you mean: gatectl sessions count --gate Gate@a1\n'],
    ['gates info a1', 'hint: did you mean: gatectl gates info Gate@a1\n'],
    ['gates info a', 'hint: gatectl gates list\n'],
    ['kick users from file uids.txt', 'gatectl sessions kick - --yes < uids.txt\n'],
    ['set user u42 vip-', 'hint: did you mean: gatectl settings unset uid:u42 vip --all-sessions\n'],
    ['session ls -r -n 5', 'hint: did you mean: gatectl sessions list --limit 5 (left out: -r -n)\n'],
    ['msg u42 hello', 'hint: did you mean: gatectl send uid:u42 <topic> hello --all-sessions\n'],
    ['notify --all hello', 'hint: did you mean: gatectl send <topic> hello --all\n'],
    ['shout hello', 'hint: did you mean: gatectl broadcast <topic> hello --yes\n'],
    ['broadcast /news hello --ack', 'hint: did you mean: gatectl send /news hello --qos 1 --all\n'],
    ['sessions list --where sessions>1', 'gatectl anomalies --checks duplicate-uid\n'],
    [
      'diff',
      'did you mean: gatectl anomalies, or gatectl records diff <uid>, or gatectl snapshot diff <before>',
    ],
    [`send ${id} /news hello --ack`, `hint: did you mean: gatectl send ${id} /news hello --qos 1\n`],
    ['publish /news hello --ack', 'hint: did you mean: gatectl send /news hello --qos 1 --all'],
    [`set ${id} uid u999`, `hint: did you mean: gatectl bind ${id} u999\n`],
    [`unset ${id} uid`, `hint: did you mean: gatectl unbind ${id}\n`],
    [`label session ${id} uid-`, `hint: did you mean: gatectl unbind ${id}\n`],
    ['show log', 'hint: did you mean: gatectl audit list, or gatectl sessions watch; '],
    ['logs', '; sessions watch shows clients that connect and leave, audit list shows writes of operators'],
    ['drain Gate@a2 --grace-period=60', 'hint: to evict slowly: --rate <count>; '],
    ['show log', 'error: ambiguous command "show log"\n'],
    ['find', 'error: incomplete command "find"\n'],
    ['config', 'error: ambiguous command "config"\n'],
    ['get sessions --secret=hunter2', 'error: cannot read all words after "get sessions"\n'],
    ['unset hunter2 uid', 'error: incomplete command "unset"\n'],
    ['sessions frobnicate', 'error: cannot read all words after "sessions"\n'],
    ['get sessions --query length(@)', '; to choose members: -o json --columns id,uid\n'],
    ['sessions list --query [?age].id', 'hint: to choose members: -o json --columns id,uid\n'],
    ['sessions list --jq .[]|select(.uid)', 'hint: to choose members: -o json --columns id,uid\n'],
    ['uncordon Gate@a1', 'error: unknown command "uncordon"\n'],
    ['label user u42 uid-', 'hint: did you mean: gatectl unbind uid:u42 --all-sessions\n'],
    ['remove uid from user u42', 'hint: did you mean: gatectl unbind uid:u42 --all-sessions\n'],
    ['sessions list --json id -q .[].id', 'did you mean: gatectl sessions list -o ids"'],
    ['diff before.json', 'hint: did you mean: gatectl snapshot diff before.json\n'],
    ['records expire u42 3600', 'hint: write it with a unit: 3600s for seconds\n'],
    ['kick -f uids.txt', 'hint: to read a list from a file: gatectl sessions kick - --yes < uids.txt\n'],
    ['broadcast hello', 'error: missing message body\nhint: pass it after the topic'],
    [`send ${id} hello`, 'error: missing message body\nhint: pass it after the topic'],
  ])('%s: %s', async (guess, text) => {
    const {code, err} = await gatectl(guess.split(' '), {...world(), stdin: ''});
    expect(code).not.toBe(0);
    expect(err).toContain(text);
  });
});

test.each([
  'dev --clients 40',
  'demo --users',
  'dashboard --online',
  'gate run --clients 40',
  'metrics --users',
])('%s: a flag unknown to a command that starts something runs no other command', async (line) => {
  const {code, err} = await gatectl(line, {...world(), terminal: 'all', stdin: ''});
  expect(code).toBe(2);
  expect(err).toContain('unknown option');
  expect(err).not.toContain('running: ');
});

describe('D11: a guess never writes without a question', () => {
  test.each([
    ['disconnect u42 -y', {}],
    ['disconnect u42 -vy', {}],
    ['disconnect u42 -qy', {}],
    ['cordon Gate@a1 -vy', {}],
    ['disconnect u42', {GATECTL_YES: '1'}],
  ])('%s %j', async (guess, env) => {
    const some = world();
    const {code} = await gatectl(guess, {...some, env, terminal: 'all', stdin: ''});
    expect(code).not.toBe(0);
    expect(some.gates[0].calls).not.toContain('Close');
    expect(some.gates[0].state).toBe('serving');
  });

  test.each([
    'context destroy u42',
    'snapshot delete u42',
    'plugin rm u42',
    'config drop u42',
    'records unbind u42',
  ])('%s: suggests no write of another noun', async (guess) => {
    const some = world();
    const {code, err} = await gatectl(guess, {...some, terminal: 'all', stdin: 'y\n'});
    expect(code).not.toBe(0);
    expect(err).not.toMatch(/running:|records delete|sessions kick/);
    expect(some.gates[0].records.has('u42')).toBe(true);
  });
});

describe('a write without a question of its own is only suggested', () => {
  test.each([
    [`sessions bind ${id} u7`, `bind ${id} u7`],
    [`session unbind ${id}`, `unbind ${id}`],
    ['unset --uid u42 vip', 'settings unset vip --uid u42'],
    ['resume Gate@a2', 'gates resume Gate@a2'],
    ['gates maintenance off Gate@a2', 'gates resume Gate@a2'],
    [`UPDATE sessions SET vip=1 WHERE uid='u42'`, `settings set vip=1 --where 'uid == "u42"'`],
  ])('%s: gatectl %s', async (guess, command) => {
    const some = world();
    some.gates[1].state = 'draining';
    const {code, err} = await gatectl(guess, {...some, terminal: 'all', stdin: 'y\n'});
    expect(code).toBe(2);
    expect(err).toContain(`hint: did you mean: gatectl ${command}\n`);
    expect(some.gates[1].state).toBe('draining');
    const {userId, settings} = some.gates[0].rows.get(id)?.session ?? {};
    expect([userId, settings?.['vip']]).toEqual(['u42', '1']);
  });

  test.each([
    [`bind ${id} uid=u7`, 'u7'],
    [`bind ${id} to u7`, 'u7'],
    [`bind ${id} null`, 'u42'],
    [`settings set ${id} uid=u7`, 'u42'],
  ])('%s: leaves the uid %s', async (line, uid) => {
    const some = world();
    const {code} = await gatectl(line, {...some, stdin: ''});
    expect(code).toBe(uid === 'u7' ? 0 : 2);
    expect(some.gates[0].rows.get(id)?.session.userId).toBe(uid);
    expect(some.gates[0].rows.get(id)?.session.settings['uid']).toBeUndefined();
  });

  test('takes the labels of a message for no part of it', async () => {
    const some = world();
    await gatectl('send user=u42 topic=/news hello', {...some, stdin: ''});
    expect(some.gates[0].sent).toEqual([{sessionId: id, topic: '/news', body: 'hello'}]);
  });
});

describe('a list of targets in a file', () => {
  test.each(listTasks)('%s: gatectl %s', async (guess, command, line) => {
    const typed = await gatectl(guess, {...world(), stdin: ''});
    expect(typed.code).not.toBe(0);
    expect(typed.err).toContain(`hint: to read a list from a file: gatectl ${command} < ids.txt\n`);
    const pasted = await gatectl(splitShellWords(command), {...world(), stdin: `${line}\n`});
    expect(pasted.code, `gatectl ${command}: ${pasted.err}`).toBe(0);
  });

  test.each([
    'sessions kick --idx ids.txt',
    'sessions kick --desc',
    'sessions kick --i 5m',
    'unbind --ys',
    'sessions kick --wher true',
  ])('%s: suggests no similar flag of a write', async (guess) => {
    const {code, err} = await gatectl(guess, world());
    expect(code).toBe(2);
    expect(err).toMatch(/^hint: gatectl [a-z ]+ --help$|did you mean --where\?$/m);
  });
});

describe('the journal entry of a write that was not sent', () => {
  test.each([
    ['sessions kick --setting room=lobby --dry-run', '--setting room=lobby', 'dry run'],
    ['sessions kick --older-than 5m --gate Gate@a1 --dry-run', '--gate Gate@a1 --older-than 5m', 'dry run'],
    ['sessions kick --all --dry-run', '--all', 'dry run'],
    ['sessions kick - --dry-run', '- 1 target', 'dry run'],
    [`sessions kick --target ${id} --dry-run`, id, 'dry run'],
    [`bind ${id} u7 --dry-run`, `${id} u7`, 'dry run'],
    ['broadcast /news hello --dry-run', '/news', 'dry run'],
    ['records delete nobody --dry-run', 'nobody', 'dry run, exit 1: '],
  ])('%s: %s, %s', async (line, target, outcome) => {
    const journal = memoryJournal();
    await gatectl(line, {...world(), journal, stdin: `${id}\n`});
    const {out} = await gatectl('audit list -o tsv', {...world(), journal});
    const [shownTarget, shownOutcome = ''] = out.split('\t').slice(4);
    expect(shownTarget).toBe(target);
    expect(shownOutcome.slice(0, outcome.length)).toBe(outcome);
  });

  test('names the users, and is found by each of them', async () => {
    const journal = memoryJournal();
    await gatectl('sessions kick --setting room=lobby --yes', {...world(), journal});
    const found = await gatectl('audit list --words u43 -o tsv', {...world(), journal});
    expect(found.out).toMatch(/Gate@a1\/\w{16} and 1 more\t.*\tu42, u43\n/);
    expect((await gatectl('audit list --words u44', {...world(), journal})).out).not.toContain('kick');
  });

  test('is shown whole next to a long target on 80 columns', async () => {
    const journal = memoryJournal();
    const kick = 'sessions kick --setting room=lobby';
    await gatectl(`${kick} --yes --reason ticket-4711`, {...world(), journal});
    await gatectl(`${kick} --dry-run`, {...world(), journal});
    const {out} = await gatectl('audit list', {...world(), journal, terminal: 'all', columns: 80});
    expect(out).toMatch(/Gate@a1\/\w{16} and 1 more {2}done/);
    expect(out).toMatch(/--setting room=lobby +dry run/);
    expect(
      Math.max(...out.split('\n').map((line) => stripVTControlCharacters(line).length)),
    ).toBeLessThanOrEqual(80);
  });
});
