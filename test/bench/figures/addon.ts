import type {MqttClient} from 'mqtt';
import {MqantCluster, untilServing} from '../../support/mqant.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {findProgram} from '../../support/servers.js';
import {atMost, type BenchOptions, type Figure, median, ms, type Suite} from '../figure.js';
import {BenchProcess, bundled} from '../processes.js';

/** An mqant gate in Go with the add-on and very many sessions, of which some come and go, while it is listed. */
export const addonSuite: Suite = {name: 'addon', run: measure};

const churnPerSecond = 200;
const clientsAsking = 10;

async function measure({quick, say}: BenchOptions): Promise<Figure[]> {
  if (findProgram('go') === undefined) {
    say('go is not installed: no figures of the add-on');
    return [];
  }
  const sessions = quick ? 5000 : 50_000;
  await using cluster = await MqantCluster.start({records: 'memory'});
  const crowd = {sessions, churnPerSecond};
  const [gate] = await Promise.all([cluster.startGate('go', {addon: true, crowd}), cluster.startModule('h')]);
  await untilServing(gate.tcp, 'HelloWorld@h');
  await using clients = new MqttClients();
  const asking: MqttClient[] = [];
  for (let at = 0; at < clientsAsking; at += 1) asking.push(await clients.open(gate.tcp));
  const lister = await Lister.start(cluster, sessions);
  try {
    for (let at = 0; at < 3; at += 1) await lister.list(); // warm
    await lister.check(); // and all sessions are there
    return await compare(asking, quick ? 2 : 7, lister);
  } finally {
    await lister.stop();
  }
}

/** Round trips of the clients in turns: with nothing else, and while one listing follows the other. */
async function compare(asking: readonly MqttClient[], rounds: number, lister: Lister): Promise<Figure[]> {
  const [alone, during, listings]: number[][] = [[], [], []];
  const windowMs = 2500;
  for (let round = 0; round < rounds; round += 1) {
    alone?.push(...(await roundTrips(asking, AbortSignal.timeout(windowMs))));
    const enough = new AbortController();
    const trips = roundTrips(asking, enough.signal);
    for (const end = performance.now() + windowMs; performance.now() < end; )
      listings?.push(await lister.list());
    enough.abort();
    during?.push(...(await trips));
    await lister.check();
  }
  const before = p99(alone ?? []);
  const meanwhile = p99(during ?? []);
  return [
    {name: 'Go gate with the add-on: a whole listing under churn', value: ms(median(listings ?? []))},
    {
      name: 'Go gate with the add-on: p99 of a client while listed',
      value: ms(meanwhile),
      floor: `not listed ${ms(before)}`,
      ratio: meanwhile / before,
      target: atMost(1.5, 1.1),
    },
  ];
}

/**
 * Lists in a process that is there before: an operator's program starts on another machine than the gate's, and takes no
 * processor from it.
 */
class Lister {
  private constructor(
    private readonly process: BenchProcess,
    private readonly sessions: number,
  ) {}

  static async start({nats, registryUrl}: MqantCluster, sessions: number): Promise<Lister> {
    const command = [process.execPath, bundled('lister'), nats.url, registryUrl, '57a7'];
    return new Lister(await BenchProcess.start(['nice', '-n', '19', ...command]), sessions);
  }

  /** How long one listing took (milliseconds). */
  async list(): Promise<number> {
    return (await this.process.ask<{readonly ms: number}>('list')).ms;
  }

  /** Throws unless every session that stays was once in each listing. Checked afterwards: that takes time of its own. */
  async check(): Promise<void> {
    type Checked = {readonly rows: number; readonly distinct: number; readonly staying: number};
    for (const {rows, distinct, staying} of await this.process.ask<readonly Checked[]>('check'))
      if (distinct !== rows || staying !== this.sessions)
        throw new Error(`${rows} rows, ${distinct} different ones, ${staying} of ${this.sessions} that stay`);
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}

/** Each client asks the module through the gate, has its answer, waits 10 to 30 ms, and asks again: at no time all at once. */
async function roundTrips(asking: readonly MqttClient[], signal: AbortSignal): Promise<readonly number[]> {
  const trips: number[] = [];
  await Promise.all(
    asking.map(async (client) => {
      for (let at = 0; !signal.aborted; at += 1) {
        const started = performance.now();
        const answered = new Promise((resolve) => client.once('message', resolve));
        client.publish(`HelloWorld@h/HD_bytes/${at}`, 'x'.repeat(100));
        await answered;
        trips.push(performance.now() - started);
        await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 20));
      }
    }),
  );
  return trips;
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
