import {expect, test} from 'vitest';
import {findCommand} from '../../../src/cli/catalogue.js';
import {splitShellWords} from '../../../src/cli/line/complete/shell-words.js';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {newSession} from '../../../src/session/session.js';
import {aRow, FakeGate} from '../../support/fake-gate.js';
import {gatectl} from '../../support/run-cli.js';
import {temporaryFolder} from '../../support/temp.js';

const bytes = '0a0f3132372e302e302e313a353634333412037463701a0375343222056964313142';
const id = '5f0084b6970dc312';

/** Two gates; the user u42 has two sessions and a record. */
function world(folder: string) {
  const gates = [new FakeGate('Gate@a1'), new FakeGate('Gate@a2')] as const;
  gates[0].add(aRow({sessionId: id, userId: 'u42', serverId: 'Gate@a1'}));
  gates[1].add(aRow({sessionId: '77aa84b6970dc399', userId: 'u42', serverId: 'Gate@a2'}));
  const value = Buffer.from(encodeSession(newSession({userId: 'u42', sessionId: id, serverId: 'Gate@a1'})));
  gates[0].records.set('u42', {uid: 'u42', value, revision: '1', expiresAt: 0});
  return {gates, contexts: {prod: {}}, selected: 'prod', stdin: '', stateFolder: folder};
}

/** The command for a task, and what operators with other tools in mind type for it, separated by `|`. */
const guesses: Readonly<Record<string, string>> = {
  anomalies:
    'compare records sessions | diff records sessions | records compare | records diff | records diff --all | records verify | ' +
    'records reconcile | check records | verify records against sessions | sessions diff | reconcile | db diff | stale records | records status | doctor --records',
  'records diff u42': 'compare u42 | record diff u42 | diff u42',
  'records expire u42 1h':
    'ttl u42 1h | records ttl u42 1h | records set u42 --ttl 1h | records set u42 --expire 1h | expire record u42 1h | ' +
    'records expire 1h u42 | records touch u42 1h | set-ttl u42 1h | records update u42 --ttl 1h | expire --uid u42 --ttl 1h',
  'gates list':
    'gates | list gates | cluster nodes | members | consul members | node ls | gate ls | server list | get nodes | instances | gates list --all',
  'gates info': 'gates status | gates health | top nodes | describe gates | cluster info',
  'gates ping':
    'latency | --latency | rtt | nats rtt | gates rtt | gates latency | gates list --latency | ping --all | server ping | check latency | probe Gate@a1 | gates ping --all',
  'gates drain Gate@a1':
    'drain node Gate@a1 | node drain Gate@a1 | disable gate Gate@a1 | gates stop Gate@a1 | maint Gate@a1 | ' +
    'maintenance on Gate@a1 | maintenance Gate@a1 on | gates maintenance Gate@a1 on | service Gate@a1 maint | offline Gate@a1 | ' +
    'consul maint -enable Gate@a1 | stop Gate@a1 | gates pause Gate@a1 | gates set Gate@a1 --drain | disable Gate@a1 | ' +
    'node update --availability drain Gate@a1 | gates drain --node Gate@a1 | service stop Gate@a1 | systemctl stop Gate@a1 | take Gate@a1 offline | gates block Gate@a1',
  'gates drain Gate@a1 --no-evict': 'cordon Gate@a1 | quiesce Gate@a1',
  'gates resume Gate@a1':
    'uncordon Gate@a1 | undrain Gate@a1 | enable gate Gate@a1 | gates start Gate@a1 | start Gate@a1 | maint off Gate@a1 | ' +
    'maintenance Gate@a1 off | consul maint -disable Gate@a1 | gates drain Gate@a1 --off | gates drain Gate@a1 --undo | ' +
    'drain off Gate@a1 | gates up Gate@a1 | online Gate@a1 | node uncordon Gate@a1 | drain --off Gate@a1 | bring Gate@a1 back',
  doctor:
    'diagnose | check | problems | cluster-info | describe cluster | cluster status | check cluster | errors | why | --failed | ' +
    'troubleshoot | list problems | health check',
  'anomalies --checks duplicate-uid':
    'duplicates | dupes | sessions duplicates | get sessions --duplicates | users --duplicates | sessions list --duplicates | ' +
    'find duplicates | show duplicates | anomalies --duplicates | anomalies duplicates | anomalies duplicate-uid | users --multiple | users with duplicates | online twice | uniq -d | ' +
    'sessions count --by uid --having count>1 | select uid, count(*) from sessions group by uid having count(*)>1',
  'sessions list -o json --columns id,uid':
    'sessions list -o json=id,uid | sessions list -o json id,uid | sessions list -o json id uid | sessions list --json id,uid | ' +
    'sessions list -o json --fields id,uid | sessions list -o jsonpath={.id},{.uid} | get sessions -o json --fields id,uid | ' +
    'sessions list -o go-template={{.id}}{{.uid}} | sessions list --format json --select id,uid | sessions -o json --columns id,uid',
  'sessions list --columns id,uid':
    'sessions list -o custom-columns=ID:.id,UID:.uid | select id, uid from sessions | sessions list id,uid | sessions list -o id,uid',
  'sessions list -o csv':
    'sessions list --csv | sessions csv | csv | export csv | sessions export --csv | sessions list --format csv | ' +
    'sessions list csv | sessions list -o=csv',
  'sessions list -o ids':
    'sessions list -o name | get sessions -o name | sessions list --ids-only | sessions ids | ids | sessions list ids | ps -q',
  'snapshot save':
    'snapshot | snapshot create | create snapshot | take snapshot | dump | save | backup | bgsave | export | stash | cluster dump | ' +
    'sessions save | cluster-info dump | snapshot --save',
  'snapshot save before.jsonl':
    'snapshot create before.jsonl | snapshot save --name before.jsonl | snapshot save -o before.jsonl | snapshot save --output before.jsonl',
  'snapshot diff': 'snapshot compare | compare a b | diff a b',
  'audit list':
    'audit | log | history | reflog | audit log | audit show | activity | show history | get audit | journal | logs',
  'audit list --since yesterday':
    'logs --since yesterday | audit --since yesterday | history --since yesterday',
  "audit list --since '2 hours ago'":
    'audit list --since 2 hours ago | audit --since 2 hours ago | history --since 2 hours ago',
  'audit list --words kick': 'audit kick | history kick | audit list kick | log --grep kick',
  'audit list --words u42': 'blame u42 | who kicked u42',
  'context use prod':
    'use prod | use context prod | config use-context prod | config set-context prod | switch prod | ctx prod | context prod | ' +
    'context set prod | context switch prod | context prod use | goto prod | nats context select prod | cluster use prod | cluster prod | switch cluster prod | kubectx prod | checkout prod',
  'context show':
    'context | context current | config current-context | whereami | whoami | config view | pwd | current | context --current | ' +
    'which cluster | my context | current cluster | show context | env | info | which | where',
  'context list': 'get-contexts | config get-contexts | remote -v | branch | context use | config --list',
  [`decode ${bytes}`]:
    `${bytes} | parse ${bytes} | inspect ${bytes} | inspect bytes ${bytes} | session decode ${bytes} | decode protobuf ${bytes} | ` +
    `decode --bytes ${bytes} | hexdump ${bytes} | unmarshal ${bytes}`,
  [`decode --encoding hex ${bytes}`]: `decode hex ${bytes} | decode --hex ${bytes} | decode -x ${bytes} | decode --format hex ${bytes}`,
  trace:
    'sub > | subscribe > | nats sub > | monitor | tcpdump | rpc | calls | spy | watch calls | watch bus | trace calls | trace > | bus | ' +
    'bus watch | debug calls | nats trace | show calls | gates trace | psubscribe * | traffic',
  metrics:
    'prometheus | export metrics | metrics export | metrics prometheus | get metrics | show metrics | gates metrics | ' +
    'metrics --prometheus | metrics -o prometheus | serve metrics | stats | get --raw /metrics',
  '--version': '-v | -V | about | info | show version | version --client | -version | --ver | versions',
};

/** Commands that run until they are stopped. */
const endless: ReadonlySet<string> = new Set(['trace']);

const lines = Object.entries(guesses).flatMap(([command, all]) =>
  all.split(' | ').map((guess) => [guess, command] as const),
);

/** Reads the commands that the hint of an error names, with either form of error. */
function hinted(err: string): readonly string[] {
  const hint = /^hint: (.*)$/m.exec(err)?.[1] ?? (JSON.parse(err) as {error: {hint: string}}).error.hint;
  return [...hint.matchAll(/gatectl (.*?)(?=, or gatectl |; | \(left out|$)/g)].map(([, line]) => line ?? '');
}

const hasAll = (words: readonly string[], wanted: readonly string[]): boolean =>
  words[0] === wanted[0] && wanted.every((word) => words.includes(word));

test.each(lines)('%s: leads to gatectl %s', async (guess, command) => {
  await using folder = await temporaryFolder();
  const run = (words: readonly string[]) => gatectl(words, world(folder.path));
  const typed = await run(guess.split(' '));
  const [, ran, others] = /^running: (gatectl .*?)(?: \(or: (.*)\))?$/m.exec(typed.err) ?? [];
  if (ran !== undefined) {
    const lines = [ran, ...(others?.split(', or ') ?? [])].map((line) => splitShellWords(line).slice(1));
    return expect(
      lines.some((line) => hasAll(line, splitShellWords(command))),
      typed.err,
    ).toBe(true);
  }
  if (typed.code === 0) return expect((await run(splitShellWords(command))).out).toBe(typed.out);
  const meant = hinted(typed.err).find((line) => hasAll(splitShellWords(line), splitShellWords(command)));
  expect(meant, typed.err).toBeDefined();
  if (meant === undefined || endless.has(meant) || /<|^snapshot diff/.test(meant)) return undefined;
  const inFolder = splitShellWords(meant).map((word) => word.replace(/^before/, `${folder.path}/before`));
  const isWrite = findCommand(meant.split(' ').slice(0, 2).join(' '))?.risk === 'read' ? [] : ['--yes'];
  const pasted = await run(meant === '--version' ? [meant] : [...inFolder, ...isWrite]);
  return expect(pasted.code, `gatectl ${meant}: ${pasted.err}`).not.toBe(2);
});
