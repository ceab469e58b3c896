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

/** On call at night: one user says that he is frozen. */
export async function onCall(
  told: Transcript,
  clients: MqttClients,
  tcp: string,
  other: string,
): Promise<void> {
  const client = await player(clients, tcp, 'u42', 'arena-7');
  const id = await idOf(client);
  told.text(
    '## On call at night\n\nUser `u42` says that he is frozen. Where is he, and what is known of him?',
  );
  await told.run('gatectl sessions find u42');
  await told.run(`gatectl sessions get ${id} --record`);
  await told.run('gatectl records diff u42');
  told.text('A notice first, then a kick: his client comes back by itself, on another gate.');
  const notice = nextMessage(client, 'notice');
  await told.run(`gatectl send ${id} notice 'we restart your session' --reason 'ticket 4711'`);
  told.aside(`the client got on topic notice: ${(await notice).toString()}`);
  const gone = closed(client);
  await told.run(`gatectl sessions kick ${id} --yes --reason 'ticket 4711'`);
  await gone;
  await told.runUntil('gatectl sessions watch --uid u42 --limit 3', /(watching.*){2}/s, () =>
    player(clients, other, 'u42', 'arena-7'),
  );
  await told.run('gatectl sessions find u42');
  told.text('The old id is another session, and gone. Who did what stands in the journal.');
  await told.run(`gatectl sessions get ${id}`, {code: 1});
  await told.run('gatectl audit list --target u42');
}

/** Release day: a gate is emptied. */
export async function release(
  told: Transcript,
  clients: MqttClients,
  gates: readonly {readonly nodeId: string; readonly tcp: string}[],
  folder: string,
): Promise<void> {
  const [first, second] = gates;
  if (first === undefined || second === undefined) throw new Error('two gates are needed');
  const some = await Promise.all(
    Array.from({length: 14}, (_, at) => player(clients, first.tcp, `p${at}`, `room-${at % 2}`)),
  );
  told.text('## Release day\n\nHow many are where, and what runs there?');
  await told.run('gatectl sessions count');
  await told.run('gatectl gates info');
  await told.run(`gatectl sessions count --gate ${first.nodeId} --by settings.roomName`);
  told.text(`\`${first.nodeId}\` is to be emptied: those that are on it now, not those that come later.`);
  await told.run(`gatectl sessions kick --gate ${first.nodeId} --plan ${folder}/drain.plan`);
  const expected = some.length;
  await told.run(`gatectl apply ${folder}/drain.plan --yes --expect 3`, {code: 6});
  await told.run(
    `gatectl apply ${folder}/drain.plan --yes --expect ${expected} --rate 50 --outcome ${folder}/drain.jsonl`,
  );
  await until(() => some.every(({connected}) => !connected), {what: 'everyone to be gone'});
  await told.run(`gatectl sessions count --gate ${first.nodeId}`);
}

/** Support: may look, may not touch; and those who may leave a trace. */
export async function support(told: Transcript, clients: MqttClients, tcp: string): Promise<void> {
  const id = await idOf(await player(clients, tcp, 'loud', 'lobby'));
  told.text(
    '## Support and moderation\n\nWho only looks has a context that is read-only; nothing is sent, whatever is typed.',
  );
  await told.run('gatectl context add support --read-only');
  await told.run('gatectl --context support sessions list --setting roomName=lobby');
  await told.run(`gatectl --context support settings set ${id} muted=1`, {code: 4});
  told.text('A moderator mutes him, gives the reason, and takes it back later.');
  await told.run(`gatectl settings set ${id} muted=1 --reason 'shouting, report 88'`);
  await told.run(`gatectl settings undo ${id} --reason 'appeal 88'`);
  await told.run('gatectl audit list --since 10m');
  told.text('What else should not be so?');
  await told.run('gatectl anomalies');
}

/** What is left of it on a gate that was never told of gatectl. */
export async function stockGate(
  told: Transcript,
  clients: MqttClients,
  {nodeId, tcp}: {readonly nodeId: string; readonly tcp: string},
): Promise<void> {
  const client = await player(clients, tcp, 'gopher', 'burrow');
  const id = await idOf(client);
  told.text(
    `### The same on an unmodified mqant gate\n\n\`${nodeId}\` runs mqant 1.5.3 as it is. It cannot list its sessions, and that is said; whoever is known by his id is served.`,
  );
  await told.run('gatectl gates ping');
  await told.run('gatectl sessions count', {code: 3});
  await told.run(`gatectl sessions get ${id}`);
  await told.run(`gatectl settings set ${nodeId}/${id} vip=1 --reason 'ticket 4712'`);
  const notice = nextMessage(client, 'notice');
  await told.run(`gatectl send ${nodeId}/${id} notice hello`);
  told.aside(`the client got on topic notice: ${(await notice).toString()}`);
  const gone = closed(client);
  await told.run(`gatectl sessions kick ${nodeId}/${id} --yes --reason 'ticket 4712'`);
  await gone;
}

/** A backend developer with bytes from a log, and a cluster on his laptop. */
export async function developer(told: Transcript, clients: MqttClients, dev: DevProcess): Promise<void> {
  const client = await player(clients, dev.gates[0]?.tcp ?? '', 'dev-1', 'garage');
  const {serialized} = (await call(client, 'HD_whoami')).Result as {readonly serialized: string};
  told.text(
    '## A backend developer\n\n`gatectl dev` runs in another terminal: a bus, three gates, a module. Bytes from a log or from Redis:',
  );
  await told.run(`gatectl decode ${serialized}`);
  await told.run(`gatectl decode ${serialized.slice(0, 60)}`, {code: 9});
  told.text('The demo module answers a client, and gatectl shows what it has set:');
  await told.run('gatectl sessions list --uid dev-1 --columns session,uid,settings.roomName,settings.level');
  told.text('And what a request of his client does on the bus, call by call:');
  await told.runUntil('gatectl trace --uid dev-1 --limit 2', /listening/, () =>
    call(client, 'HD_level', {level: '2'}),
  );
}

/** A script: documents, exit codes, nothing asked. */
export async function script(told: Transcript, dev: DevProcess): Promise<void> {
  told.text('## Scripts and CI\n\nJSON on stdout and nothing else there; the exit code says what happened.');
  await told.run('gatectl sessions count -o json');
  await told.run('gatectl sessions list --where \'settings.level == "1"\' -o ids');
  await told.run('gatectl sessions list --where \'setings.level == "1"\'', {code: 2});
  await told.run('gatectl sessions find nobody -o json', {code: 1});
  await told.run('gatectl sessions kick --all', {code: 2});
  const pid = dev.gates[2]?.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  told.text('One of three gates was killed a moment ago. The rest is told, and that it is not all:');
  await told.run('gatectl sessions count', {code: 3});
}
