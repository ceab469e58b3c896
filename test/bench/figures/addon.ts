import {spawn} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {once} from 'node:events';
import {closeSync, openSync, readFileSync} from 'node:fs';
import path from 'node:path';
import type {MqttClient} from 'mqtt';
import {MqantCluster, type MqantGate, untilServing} from '../../support/mqant.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {findProgram} from '../../support/servers.js';
import {atMost, type BenchOptions, type Figure, median, ms, type Suite} from '../figure.js';
import {benchEnvironment, inFolder, program} from '../processes.js';

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
  return await inFolder(async (folder) => {
    (await listed(cluster, folder, sessions)).check(); // warm, and all sessions are there
    const figures = await compare(asking, quick ? 2 : 7, 1500, () => listed(cluster, folder, sessions));
    await noErrors(gate);
    return figures;
  });
}

async function noErrors(gate: MqantGate): Promise<void> {
  const errors = await gate.errors();
  if (errors.length > 0) throw new Error(`the gate logged an error: ${errors[0]}`);
}

/** Round trips of the clients in turns: with nothing else, and while one listing follows the other. */
async function compare(
  asking: readonly MqttClient[],
  rounds: number,
  windowMs: number,
  list: () => Promise<Listing>,
): Promise<Figure[]> {
  const [alone, during, listings]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round += 1) {
    alone?.push(p99(await roundTrips(asking, new AbortController().signal, windowMs)));
    const enough = new AbortController();
    const trips = roundTrips(asking, enough.signal, Number.POSITIVE_INFINITY);
    const end = performance.now() + windowMs;
    const made: Listing[] = [];
    while (performance.now() < end) made.push(await list());
    enough.abort();
    during?.push(p99(await trips));
    for (const listing of made) listings?.push(listing.check());
  }
  const before = median(alone ?? []);
  const meanwhile = median(during ?? []);
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

interface Listing {
  /** How long it took (milliseconds). Throws unless every session that stays is in it once. */
  check(): number;
}

/** One listing by the built program, into a file: who measures round trips meanwhile has nothing else to do. */
async function listed(cluster: MqantCluster, folder: string, sessions: number): Promise<Listing> {
  const file = path.join(folder, randomUUID());
  const output = openSync(file, 'w');
  const started = performance.now();
  const list = [process.execPath, program, 'sessions', 'list', '-o', 'ids', ...cluster.flags];
  // an operator's machine is not the gate's: who lists takes no processor from the gate here either
  const child = spawn('nice', ['-n', '19', ...list], {
    env: benchEnvironment(folder),
    stdio: ['ignore', output, 'inherit'],
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const took = performance.now() - started;
  closeSync(output);
  return {
    check() {
      const ids = readFileSync(file, 'latin1').trimEnd().split('\n');
      const staying = ids.filter((id) => id.includes('/57a7'));
      if (code !== 0 || new Set(ids).size !== ids.length || staying.length !== sessions)
        throw new Error(`exit ${code}: ${ids.length} rows, ${staying.length} of ${sessions} that stay`);
      return took;
    },
  };
}

/** Each client asks the module through the gate, has its answer, waits 20 ms, and asks again. */
async function roundTrips(
  asking: readonly MqttClient[],
  signal: AbortSignal,
  windowMs: number,
): Promise<readonly number[]> {
  const trips: number[] = [];
  const end = performance.now() + windowMs;
  await Promise.all(
    asking.map(async (client) => {
      for (let at = 0; performance.now() < end && !signal.aborted; at += 1) {
        const started = performance.now();
        const answered = new Promise((resolve) => client.once('message', resolve));
        client.publish(`HelloWorld@h/HD_bytes/${at}`, 'x'.repeat(100));
        await answered;
        trips.push(performance.now() - started);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }),
  );
  return trips;
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}
