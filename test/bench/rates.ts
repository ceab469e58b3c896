// Calls per second of our gate and of a stock mqant gate in Go, in turns, on one nats-server: Set of a bound session
// with records in memory, and Send. node test/bench/run.mjs rates
import {loadavg} from 'node:os';
import type {MqttClient} from 'mqtt';
import {type Argument, type EncodedArgument, encodeArgument} from '../../src/bus/arguments.js';
import {Caller} from '../../src/bus/caller.js';
import {connectBus} from '../../src/bus/connect.js';
import {EtcdRegistry} from '../../src/registry/etcd.js';
import {GateProcess} from '../support/gate-process.js';
import {MqantCluster, untilServing} from '../support/mqant.js';
import {MqttClients} from '../support/mqtt-clients.js';
import {sessionIdOf} from '../support/test-gate.js';

const sessions = 64;
const secondsEach = 2;
const rounds = 5;

interface Peer {
  readonly name: string;
  readonly target: {readonly node: string; readonly address: string};
  readonly ids: readonly string[];
}

const cluster = await MqantCluster.start({records: 'memory'});
const clients = new MqttClients();
const registry = EtcdRegistry.fromUrl(cluster.registryUrl);
const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: true});
const caller = new Caller(bus, {caller: 'bench', hostname: 'bench', timeoutMs: 10_000});

const text = (value: string): Argument => ({type: 'string', value});
const trace: Argument = {type: 'trace', value: {trace: '00000000000000a1', span: '00000000000000b2'}};
const encoded = (...args: readonly Argument[]): EncodedArgument[] => [trace, ...args].map(encodeArgument);

async function peer(name: string, nodeId: string, url: string): Promise<Peer> {
  await untilServing(url, 'HelloWorld@h');
  const node = (await registry.nodes('Gate')).find(({id}) => id === nodeId);
  if (node === undefined) throw new Error(`${nodeId} is not in the registry`);
  const target = {node: nodeId, address: node.address};
  const joined: MqttClient[] = [];
  for (let at = 0; at < sessions; at += 1) joined.push(await clients.open(url));
  const ids = await Promise.all(joined.map(sessionIdOf));
  for (const [at, id] of ids.entries()) {
    await caller.call(target, {fn: 'Bind', args: encoded(text(id), text(`user ${at}`)), write: true});
  }
  return {name, target, ids};
}

/** One call after the other on each of the sessions, all of them at once. */
async function rate({target, ids}: Peer, fn: string, argsOf: (id: string, n: number) => EncodedArgument[]) {
  const end = performance.now() + secondsEach * 1000;
  let calls = 0;
  await Promise.all(
    ids.map(async (id) => {
      for (let n = 0; performance.now() < end; n += 1) {
        const {error} = await caller.call(target, {fn, args: argsOf(id, n), write: true});
        if (error !== '') throw new Error(`${fn}: ${error}`);
        calls += 1;
      }
    }),
  );
  return calls / secondsEach;
}

const work: Record<string, (id: string, n: number) => EncodedArgument[]> = {
  Set: (id, n) => encoded(text(id), text('level'), text(String(n % 100))),
  Send: (id) => encoded(text(id), text('/bench'), {type: 'bytes', value: Buffer.alloc(60)}),
};
const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

try {
  const [go, gate] = await Promise.all([
    cluster.startGate('go'),
    GateProcess.start('ours', cluster.nats.url, '--registry', cluster.registryUrl, '--store', 'memory:'),
    cluster.startModule('h'),
  ]);
  const peers = [await peer('mqant, Go', go.nodeId, go.tcp), await peer('gatectl', gate.nodeId, gate.tcp)];
  for (const [fn, argsOf] of Object.entries(work)) {
    const rates = new Map<string, number[]>(peers.map(({name}) => [name, []]));
    for (const one of peers) await rate(one, fn, argsOf); // warm
    for (let round = 0; round < rounds; round += 1) {
      for (const one of round % 2 === 0 ? peers : [...peers].reverse()) {
        rates.get(one.name)?.push(await rate(one, fn, argsOf));
      }
    }
    const [theirs = 0, ours = 0] = peers.map(({name}) => median(rates.get(name) ?? []));
    console.log(
      `${fn}: mqant in Go ${theirs.toFixed(0)}/s, gatectl ${ours.toFixed(0)}/s, ratio ${(ours / theirs).toFixed(2)} ` +
        `(${sessions} sessions at once, median of ${rounds} times ${secondsEach} s, load ${loadavg()[0]?.toFixed(1)})`,
    );
  }
  await gate.kill();
} finally {
  await clients[Symbol.asyncDispose]();
  caller.close();
  await bus.close();
  await cluster[Symbol.asyncDispose]();
}
