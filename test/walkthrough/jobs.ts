import type {MqttClient} from 'mqtt';
import type {DevProcess} from '../support/dev-process.js';
import type {MqttClients} from '../support/mqtt-clients.js';
import {until} from '../support/poll.js';
import {ask, closed, nextMessage} from '../support/test-gate.js';
import type {Transcript} from './transcript.js';

let asked = 0;
const call = (client: MqttClient, fn: string, body: object = {}) =>
  ask(client, `HelloWorld/${fn}/${asked++}`, JSON.stringify(body));

/** A player on a gate: connected, logged in, in a room. */
export async function player(
  clients: MqttClients,
  tcp: string,
  uid: string,
  room: string,
): Promise<MqttClient> {
  const client = await clients.open(tcp);
  await call(client, 'HD_login', {uid});
  await call(client, 'HD_room', {room});
  return client;
}

const idOf = async (client: MqttClient): Promise<string> =>
  ((await call(client, 'HD_whoami')).Result as {readonly sessionId: string}).sessionId;

/** On call: a user reports that their game is frozen. */
export async function onCall(
  transcript: Transcript,
  clients: MqttClients,
  tcp: string,
  other: string,
): Promise<void> {
  const client = await player(clients, tcp, 'u42', 'arena-7');
  const id = await idOf(client);
  transcript.text(
    '## On call at night\n\nUser `u42` reports a frozen game. Find the session, and compare it with its record:',
  );
  await transcript.run('gatectl sessions find u42');
  await transcript.run(`gatectl sessions get ${id} --record`);
  await transcript.run('gatectl records diff u42');
  transcript.text('Send a notice, then kick the client. It reconnects by itself, to another gate:');
  const notice = nextMessage(client, 'notice');
  await transcript.run(`gatectl send ${id} notice 'we restart your session' --reason 'ticket 4711'`);
  transcript.aside(`the client got on topic notice: ${(await notice).toString()}`);
  const gone = closed(client);
  await transcript.run(`gatectl sessions kick ${id} --yes --reason 'ticket 4711'`);
  await gone;
  await transcript.runUntil('gatectl sessions watch --uid u42 --limit 3', /(watching.*){2}/s, () =>
    player(clients, other, 'u42', 'arena-7'),
  );
  await transcript.run('gatectl sessions find u42');
  transcript.text(
    'The old session is gone, because a reconnect is a new session. The journal shows who did what:',
  );
  await transcript.run(`gatectl sessions get ${id}`, {code: 1});
  await transcript.run('gatectl audit list --target u42');
}

/** Release day: a gate is drained. */
export async function release(
  transcript: Transcript,
  clients: MqttClients,
  gates: readonly {readonly nodeId: string; readonly tcp: string}[],
  folder: string,
): Promise<void> {
  const [first, second] = gates;
  if (first === undefined || second === undefined) throw new Error('two gates are needed');
  const some = await Promise.all(
    Array.from({length: 14}, (_, at) => player(clients, first.tcp, `p${at}`, `room-${at % 2}`)),
  );
  transcript.text('## Release day\n\nCount the sessions of each gate, and see what the gates run:');
  await transcript.run('gatectl sessions count');
  await transcript.run('gatectl gates info');
  await transcript.run(`gatectl sessions count --gate ${first.nodeId} --by settings.roomName`);
  transcript.text(
    `Drain \`${first.nodeId}\`. A plan holds the sessions of this moment, so that clients who connect later are not kicked:`,
  );
  await transcript.run(`gatectl sessions kick --gate ${first.nodeId} --plan ${folder}/drain.plan`);
  const expected = some.length;
  await transcript.run(`gatectl apply ${folder}/drain.plan --yes --expect 3`, {code: 6});
  await transcript.run(
    `gatectl apply ${folder}/drain.plan --yes --expect ${expected} --rate 50 --outcome ${folder}/drain.jsonl`,
  );
  await until(() => some.every(({connected}) => !connected), {what: 'everyone to be gone'});
  await transcript.run(`gatectl sessions count --gate ${first.nodeId}`);
}

/** Support reads through a read-only context; a moderator changes a setting and takes it back. */
export async function support(transcript: Transcript, clients: MqttClients, tcp: string): Promise<void> {
  const id = await idOf(await player(clients, tcp, 'loud', 'lobby'));
  transcript.text(
    '## Support and moderation\n\nA colleague who only reads gets a read-only context. It refuses every write:',
  );
  await transcript.run('gatectl context add support --read-only');
  await transcript.run('gatectl --context support sessions list --setting roomName=lobby');
  await transcript.run(`gatectl --context support settings set ${id} muted=1`, {code: 4});
  transcript.text('A moderator mutes the user with a reason, and takes that back later:');
  await transcript.run(`gatectl settings set ${id} muted=1 --reason 'shouting, report 88'`);
  await transcript.run(`gatectl settings undo ${id} --reason 'appeal 88'`);
  await transcript.run('gatectl audit list --since 10m');
  transcript.text('Look for inconsistent sessions and records:');
  await transcript.run('gatectl anomalies');
}

/** The same tasks on an unmodified mqant gate. */
export async function stockGate(
  transcript: Transcript,
  clients: MqttClients,
  {nodeId, tcp}: {readonly nodeId: string; readonly tcp: string},
): Promise<void> {
  const client = await player(clients, tcp, 'gopher', 'burrow');
  const id = await idOf(client);
  transcript.text(
    `### On an unmodified mqant gate\n\n\`${nodeId}\` runs mqant 1.5.3. It cannot list or count its sessions, and gatectl says so. Sessions that you know by id work:`,
  );
  await transcript.run('gatectl gates ping');
  await transcript.run('gatectl sessions count', {code: 3});
  await transcript.run(`gatectl sessions get ${id}`);
  await transcript.run(`gatectl settings set ${nodeId}/${id} vip=1 --reason 'ticket 4712'`);
  const notice = nextMessage(client, 'notice');
  await transcript.run(`gatectl send ${nodeId}/${id} notice hello`);
  transcript.aside(`the client got on topic notice: ${(await notice).toString()}`);
  const gone = closed(client);
  await transcript.run(`gatectl sessions kick ${nodeId}/${id} --yes --reason 'ticket 4712'`);
  await gone;
}

/** A backend developer with bytes from a log, and a cluster on a laptop. */
export async function developer(
  transcript: Transcript,
  clients: MqttClients,
  dev: DevProcess,
): Promise<void> {
  const client = await player(clients, dev.gates[0]?.tcp ?? '', 'dev-1', 'garage');
  const {serialized} = (await call(client, 'HD_whoami')).Result as {readonly serialized: string};
  transcript.text(
    '## Backend development\n\n`gatectl dev` runs in another terminal, with a bus, three gates and a module. Decode bytes from a log or from Redis:',
  );
  await transcript.run(`gatectl decode ${serialized}`);
  await transcript.run(`gatectl decode ${serialized.slice(0, 60)}`, {code: 9});
  transcript.text('The demo module changes settings of the session that called it. List them:');
  await transcript.run('gatectl sessions list --uid dev-1 --columns id,uid,settings.roomName,settings.level');
  transcript.text('Trace the calls that one request of the client causes:');
  await transcript.runUntil('gatectl trace --uid dev-1 --limit 2', /listening/, () =>
    call(client, 'HD_level', {level: '2'}),
  );
}

/** A script: documents and exit codes, no questions. */
export async function script(transcript: Transcript, dev: DevProcess): Promise<void> {
  transcript.text('## Scripts and CI\n\nStdout holds JSON and nothing else. The exit code tells the result:');
  await transcript.run('gatectl sessions count -o json');
  await transcript.run('gatectl sessions list --where \'settings.level == "1"\' -o ids');
  await transcript.run('gatectl sessions list --where \'setings.level == "1"\'', {code: 2});
  await transcript.run('gatectl sessions find nobody -o json', {code: 1});
  await transcript.run('gatectl sessions kick --all', {code: 2});
  const pid = dev.gates[2]?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  transcript.text(
    'One of the three gates was just killed. gatectl prints the answers of the others, and marks the result as incomplete:',
  );
  await transcript.run('gatectl sessions count', {code: 3});
}
