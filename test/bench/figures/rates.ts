import type {MqttClient} from 'mqtt';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {Caller} from '../../../src/bus/rpc/caller.js';
import {type EncodedArgument, encodeArgument, type RpcArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import {EtcdRegistry} from '../../../src/registry/http/etcd-registry.js';
import {GateProcess} from '../../support/gate-process.js';
import {MqantCluster, untilServing} from '../../support/mqant.js';
import {MqttClients} from '../../support/mqtt-clients.js';
import {processorMs} from '../../support/proc.js';
import {findProgram} from '../../support/servers.js';
import {sessionIdOf} from '../../support/test-gate.js';
import {atLeast, type BenchOptions, type Figure, median, perSecond, type Suite, us} from '../figure.js';

/** With a call under way on each all the time. */
const sessions = 64;

/** Calls per second of our gate and of a stock mqant gate in Go, in turns, on one nats-server, records in memory. */
export const rateSuite: Suite = {name: 'rates', run: measure};

interface Peer {
  readonly name: string;
  readonly target: {readonly node: string; readonly address: string};
  readonly ids: readonly string[];
  readonly pid: number;
}

const text = (value: string): RpcArgument => ({type: 'string', value});
const trace: RpcArgument = {type: 'trace', value: {trace: '00000000000000a1', span: '00000000000000b2'}};
const encoded = (...args: readonly RpcArgument[]): EncodedArgument[] => [trace, ...args].map(encodeArgument);

const work: Record<string, (id: string, n: number) => EncodedArgument[]> = {
  Set: (id, n) => encoded(text(id), text('level'), text(String(n % 100))),
  Send: (id) => encoded(text(id), text('/bench'), {type: 'bytes', value: Buffer.alloc(100)}),
};

async function measure({quick, say}: BenchOptions): Promise<Figure[]> {
  if (findProgram('go') === undefined) {
    say('go is not installed: no figures beside mqant');
    return [];
  }
  await using cluster = await MqantCluster.start({records: 'memory'});
  await using clients = new MqttClients();
  const registry = EtcdRegistry.fromUrl(cluster.registryUrl);
  const bus = await connectBus({server: cluster.nats.url, timeoutMs: 5000, reconnect: false});
  const caller = new Caller(bus, {caller: 'bench', hostname: 'bench', timeoutMs: 10_000});
  const [go, gate] = await Promise.all([
    cluster.startGate('go'),
    GateProcess.start('ours', cluster.nats.url, '--registry', cluster.registryUrl, '--store', 'memory:'),
    cluster.startModule('h'),
  ]);
  try {
    const join = async (name: string, nodeId: string, url: string, pid: number): Promise<Peer> => {
      await untilServing(url, 'HelloWorld@h');
      const node = (await registry.nodes('Gate')).find(({id}) => id === nodeId);
      if (node === undefined) throw new Error(`${nodeId} is not in the registry`);
      const target = {node: nodeId, address: node.address};
      return {name, target, pid, ids: await joined(clients, caller, target, url)};
    };
    const peers = [
      await join('mqant, Go', go.nodeId, go.tcp, go.server.pid),
      await join('gatectl', gate.nodeId, gate.tcp, gate.pid),
    ];
    const figures: Figure[] = [];
    for (const fn of Object.keys(work)) figures.push(...(await compare(caller, peers, fn, quick ? 2 : 5)));
    return figures;
  } finally {
    await gate.kill();
    caller.close();
    await bus.close();
  }
}

/** The ids of sessions that are bound, each of a client of its own. */
async function joined(
  clients: MqttClients,
  caller: Caller,
  target: Peer['target'],
  url: string,
): Promise<readonly string[]> {
  const some: MqttClient[] = [];
  for (let at = 0; at < sessions; at += 1) some.push(await clients.open(url));
  const ids = await Promise.all(some.map(sessionIdOf));
  for (const [at, id] of ids.entries())
    await caller.call(target, {fn: 'Bind', args: encoded(text(id), text(`user ${at}`)), write: true});
  return ids;
}

async function compare(
  caller: Caller,
  peers: readonly Peer[],
  fn: string,
  rounds: number,
): Promise<Figure[]> {
  const rates = peers.map((): Rate[] => []);
  for (const peer of peers) await rate(caller, peer, fn); // warm
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const at of order) rates[at]?.push(await rate(caller, peers[at] as Peer, fn));
  }
  const [theirs = [], ours = []] = rates;
  const valuesOf = (some: readonly Rate[], field: keyof Rate): number[] => some.map((one) => one[field]);
  const ratio = (field: keyof Rate): number =>
    median(ours.map((one, at) => one[field] / (theirs[at]?.[field] ?? Number.NaN)));
  return [
    {
      name: `gate: ${fn} calls`,
      value: perSecond(median(valuesOf(ours, 'perSecond'))),
      floor: `stock Go gate ${perSecond(median(valuesOf(theirs, 'perSecond')))}`,
      ratio: ratio('perSecond'),
      target: atLeast(1, 2),
    },
    {
      name: `the same in CPU time of the gate, a call`,
      value: us(median(valuesOf(ours, 'cpuUs'))),
      floor: `stock Go gate ${us(median(valuesOf(theirs, 'cpuUs')))}`,
      ratio: 1 / ratio('cpuUs'),
      note: 'the caller, its clients and nats-server cost the same beside either gate',
    },
  ];
}

const windowMs = 2000;

interface Rate {
  readonly perSecond: number;
  /** Processor time of the gate for one call, in microseconds. */
  readonly cpuUs: number;
}

/** Calls one after the other on each of the sessions, and on all of them at once. */
async function rate(caller: Caller, {target, ids, pid}: Peer, fn: string): Promise<Rate> {
  const cpuBefore = processorMs(pid);
  const end = performance.now() + windowMs;
  let calls = 0;
  await Promise.all(
    ids.map(async (id) => {
      for (let n = 0; performance.now() < end; n += 1) {
        const {error} = await caller.call(target, {fn, args: work[fn]?.(id, n) ?? [], write: true});
        if (error !== '') throw new Error(`${fn}: ${error}`);
        calls += 1;
      }
    }),
  );
  return {
    perSecond: (calls / windowMs) * 1000,
    cpuUs: ((processorMs(pid) - cpuBefore) / calls) * 1000,
  };
}
