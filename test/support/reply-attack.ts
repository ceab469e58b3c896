import type {Bus, BusMessage} from '../../src/bus/bus.js';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {openKeyValue} from '../../src/bus/key-value.js';
import {defaultReplyInboxes, isUnderInbox, operatorRoles} from '../../src/bus/rpc/reply-inboxes.js';
import {natsUsersConfig} from '../../src/cli/commands/doctor/nats-users-config.js';
import {permissionsOfNodes, permissionsOfRoles} from '../../src/cluster/access/permissions.js';
import {callBytes, span} from './envelopes.js';
import {until} from './poll.js';
import type {TestServer} from './servers.js';

const password = 'p';

/** Every user of the attack: those that may do everything, and the roles that doctor prints. */
export const attackers = ['free', ...operatorRoles] as const;

/** The printed permissions with JetStream, and a user `free` that may do everything, which the nodes of the attack are. */
export function attackedConfiguration(bucket?: string): string {
  const text = natsUsersConfig(permissionsOfNodes(bucket), permissionsOfRoles('Gate'));
  const free = 'users: [\n    { user: "free", password: "p" }';
  const users = text.replaceAll(/\$[A-Z]+_PASSWORD/g, `"${password}"`).replace('users: [', free);
  return `jetstream { store_dir: "{folder}/js" }\n${users}`;
}

export const connectAs = (nats: TestServer, user: string, jetStream?: true): Promise<Bus> =>
  connectBus({
    ...{server: nats.url, user, password, timeoutMs: 20_000, reconnect: false, jetStream},
    ...{inboxPrefix: user === 'free' ? '_INBOX' : `_INBOX_${user}`},
  });

/** Subjects outside the inboxes: what a stream takes, what JetStream does when it hears them, and nodes' own. */
const victims = [
  '$KV.sess.u42',
  '$JS.API.STREAM.PURGE.KV_sess',
  '$JS.API.STREAM.DELETE.KV_sess',
  'mqant.gate.Gate.victim',
  'mqant.module.victim',
  '_INBOX',
  '_INBOXX.victim',
  '_INBOX_viewerX.victim',
  'victim.x',
] as const;

/** What of a node of the cluster is attacked. */
export interface Attacked {
  /** Subjects that take calls, of which the attacker may publish to some. */
  readonly subjects: readonly string[];
  /** Subjects of on-bus discovery. */
  readonly questions: readonly string[];
  /** A call to it that is answered. */
  readonly alive: {readonly subject: string; readonly fn: string};
}

/** Functions that answer and that fail: unknown, with too few arguments, and with arguments that cannot be read. */
function* envelopes(replyTo: string): Generator<Buffer> {
  const calls = [
    ['GatectlInfo', [span]],
    ['GatectlStats', [span]],
    ['GatectlCount', [span, {type: 'map', value: {}}]],
    ['GatectlList', [span, {type: 'map', value: {}}]],
    ['GatectlRecordList', [span, {type: 'map', value: {}}]],
    ['Update', [span, {type: 'string', value: 'nobody'}]],
    ['Update', []],
    ['Update', [span, {type: 'map', value: {}}]],
    ['IsConnect', [span, {type: 'string', value: ''}, {type: 'string', value: 'nobody'}]],
    ['Nothing', [span]],
    ['HD_nothing', []],
  ] as const;
  for (const [fn, args] of calls) yield callBytes('attack', fn, args, {replyTo});
}

/** Every subject that a message came to which may come from nobody but a node that was led astray. */
export class Watchtower {
  private readonly seen = new Set<string>();

  private constructor(
    private readonly bus: Bus,
    private readonly records: Awaited<ReturnType<typeof openKeyValue>>,
  ) {}

  /** With a bucket of one record under it. */
  static async build(nats: TestServer): Promise<Watchtower> {
    const bus = await connectAs(nats, 'free', true);
    const records = await openKeyValue(bus, {bucket: 'sess', create: true, timeoutMs: 20_000});
    await records.put('u42', Buffer.from('the record'), undefined, 0);
    const tower = new Watchtower(bus, records);
    for (const subject of victims) bus.subscribe(subject, ({subject: at}: BusMessage) => tower.seen.add(at));
    await bus.flush();
    return tower;
  }

  /** Subjects that were written to, and what became of the record. */
  async report(): Promise<{readonly written: readonly string[]; readonly record: string | undefined}> {
    await this.bus.flush();
    const record = await this.records.get('u42');
    return {written: [...this.seen], record: record && Buffer.from(record.value).toString()};
  }

  close(): Promise<void> {
    return this.bus.close();
  }
}

/** Sends everything a user may send to a node with a reply subject of a victim, then waits until the node answers a fair call. */
export async function attack(nats: TestServer, user: string, node: Attacked): Promise<void> {
  const bus = await connectAs(nats, user);
  try {
    for (const victim of victims) {
      for (const subject of node.subjects) {
        for (const envelope of envelopes(victim)) bus.publish(subject, envelope, victim);
        const watch = {type: 'map', value: {inbox: victim, leaseMs: 5000}} as const;
        const feed = callBytes('watch', 'GatectlWatch', [span, watch], {replyTo: bus.newInbox()});
        bus.publish(subject, feed);
      }
      for (const question of node.questions) bus.publish(question, new Uint8Array(0), victim);
    }
    await answered(bus, node.alive);
  } finally {
    await bus.close();
  }
}

/** Two answers, so that what the node began before the first has had time to go out. */
async function answered(bus: Bus, {subject, fn}: Attacked['alive']): Promise<void> {
  const inbox = bus.newInbox();
  if (!isUnderInbox(inbox, defaultReplyInboxes)) throw new Error(`${inbox} is no inbox`);
  let answers = 0;
  const subscription = bus.subscribe(inbox, () => {
    answers += 1;
  });
  for (const wanted of [1, 2]) {
    bus.publish(subject, callBytes('alive', fn, [span], {replyTo: inbox}), inbox);
    await until(() => answers >= wanted, {what: `an answer of ${subject}`, timeoutMs: 20_000});
  }
  subscription.unsubscribe();
}
