// Breaks a cluster in every way that we know while clients, modules and gatectl work on it, and checks every promise of
// the documents. npm run chaos -- --minutes 3 [--store redis] [--store jetstream] [--seed 1]
import {loadavg} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {seededRandom} from '../../src/dev/clients/seeded-random.js';
import {until} from '../support/poll.js';
import {Asker, expectAnswers} from './chaos/askers.js';
import {type ChaosCluster, type ChaosGate, type StoreName, startChaosCluster} from './chaos/cluster.js';
import {type Fault, faults} from './chaos/faults.js';
import {countForEver, deleteTwice, expectNamed, Stayers, Watch} from './chaos/operators.js';
import {Ledger} from './chaos/promises.js';
import {ChaosUser, type World} from './chaos/user.js';

const {values} = parseArgs({
  options: {
    minutes: {type: 'string', default: '3'},
    store: {type: 'string', multiple: true, default: ['redis', 'jetstream']},
    seed: {type: 'string', default: String(Date.now() % 1_000_000)},
  },
});
const random = seededRandom(Number(values.seed));
const ledger = new Ledger();
const aWhileMs = 3000;

async function healed(cluster: ChaosCluster, gate: ChaosGate): Promise<boolean> {
  const {storage} = await gate.client.info({timeoutMs: 1000});
  return storage.dirty === 0 && cluster.bus.connected;
}

/** One fault from its beginning until all is well again. */
async function suffer(
  cluster: ChaosCluster,
  world: World,
  {stayers, askers}: {readonly stayers: Stayers; readonly askers: readonly Asker[]},
  fault: Fault,
): Promise<void> {
  const {gate, store = false, bus = false, module = false} = fault;
  if (gate !== undefined) gate.isTroubled = true;
  world.storeAway = store;
  world.busAway = bus;
  world.moduleAway = module;
  await fault.begin();
  const end = performance.now() + aWhileMs;
  if (gate !== undefined && /killed|stopped for a while/.test(fault.name))
    await expectNamed(cluster, gate, ledger);
  if (gate !== undefined && /told to end/.test(fault.name)) {
    const isGone = await until(
      async () => !(await cluster.registry.nodes('Gate')).some(({id}) => id === `Gate@${gate.id}`),
      {timeoutMs: 5000},
    ).catch(() => false);
    const left = [...stayers.clients.values()].filter((on) => on === gate).length;
    ledger.check(
      'stop',
      isGone === true && left === 0,
      () => `gone from the registry: ${isGone}, ${left} clients left`,
    );
  }
  while (performance.now() < end) {
    for (const one of cluster.gates) if (store && !/gate . is/.test(fault.name)) await stayers.ping(one);
    await delay(200);
  }
  await fault.end();
  await recovered(cluster, fault);
  if (gate !== undefined) gate.isTroubled = false;
  world.storeAway = false;
  world.busAway = false;
  world.moduleAway = false;
  await expectAnswers(cluster, askers, ledger, fault.name);
  if (gate !== undefined && ![...stayers.clients.values()].includes(gate)) await stayers.join(gate);
}

async function recovered(cluster: ChaosCluster, {bus = false, name}: Fault): Promise<void> {
  const started = performance.now();
  const isBack = await until(
    async () => (await cluster.registry.nodes('Gate')).length === cluster.gates.length,
    {timeoutMs: 25_000, everyMs: 200},
  ).catch(() => false);
  if (bus) ledger.check('back', isBack === true, () => `after "${name}" not all gates are found again`);
  for (const gate of cluster.gates) {
    const isClean = await until(() => healed(cluster, gate), {timeoutMs: 20_000, everyMs: 100}).catch(
      (error: unknown) => error,
    );
    ledger.check(
      'dirty',
      isClean === true,
      () =>
        `${gate.id} after "${name}": ${String((isClean as Error).cause ?? isClean)}\n${gate.process.said().slice(-500)}`,
    );
  }
  console.log(`  ${name}; well again after ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function run(storeName: StoreName, minutes: number): Promise<void> {
  console.log(`${minutes} minutes with records in ${storeName}`);
  await using cluster = await startChaosCluster(storeName);
  const world: World = {storeAway: false, busAway: false, moduleAway: false, isOver: false};
  const stayers = new Stayers(cluster, ledger);
  for (const gate of cluster.gates) await stayers.join(gate);
  const watch = new Watch(cluster);
  const users = Array.from(
    {length: 12},
    (_, at) => new ChaosUser(`user ${at}`, cluster, world, ledger, random),
  );
  const askers = cluster.gates.map((gate) => new Asker(gate, world, ledger));
  const working = [
    ...askers.map((asker) => asker.live()),
    ...users.map((user) => user.live()),
    countForEver(cluster, world, ledger),
    stayers.listForEver(world),
  ];
  const end = performance.now() + minutes * 60_000;
  let rounds = 0;
  for (const fault of faults(cluster, random)) {
    if (performance.now() > end) break;
    await delay(1000);
    await suffer(cluster, world, {stayers, askers}, fault);
    for (const user of users) await user.lookAtRecord();
    rounds += 1;
    if (rounds % 3 === 0) await deleteTwice(cluster, `victim ${rounds}`, ledger, random);
  }
  await watch.judge(ledger);
  world.isOver = true;
  await Promise.all(working);
  for (const user of users) await user.lookAtRecord();
  const total = (what: 'answered' | 'refused') => askers.reduce((all, asker) => all + asker[what], 0);
  console.log(`  questions to the module: ${total('answered')} answered, ${total('refused')} refused`);
  const sum = (of: (user: ChaosUser) => number): number => users.reduce((total, user) => total + of(user), 0);
  console.log(
    `  ${rounds} faults; ${sum((user) => user.writes)} writes acknowledged, ${sum((user) => user.unknown)} of unknown outcome; load ${loadavg()[0]?.toFixed(1)}`,
  );
  for (const {raw} of [...stayers.clients.keys()].map((one) => ({raw: one}))) raw.destroy();
}

console.log(`seed ${values.seed}`);
for (const store of values.store) await run(store as StoreName, Number(values.minutes) / values.store.length);
process.exitCode = ledger.print() ? 0 : 1;
