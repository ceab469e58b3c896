import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {connect, type Socket} from 'node:net';
import path from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {generate} from 'mqtt-packet';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {GateClient} from '../../../src/bus/gate/gate-client.js';
import {Caller} from '../../../src/bus/rpc/caller.js';
import {GateProcess} from '../../support/gate-process.js';
import {startNats} from '../../support/nats.js';
import {until} from '../../support/poll.js';
import {findProgram, freePort} from '../../support/servers.js';
import {
  atLeast,
  atMost,
  type BenchOptions,
  type Figure,
  median,
  ms,
  perSecond,
  type Suite,
} from '../figure.js';
import {BenchProcess, bundled, inFolder, rssBytes} from '../processes.js';

const topic = '/bench';
const body = Buffer.alloc(100, 0x61);
const packet = generate({cmd: 'publish', topic, payload: body, qos: 0, dup: false, retain: false});
const burst = 50;

/** A server of MQTT clients, and how to make it send one message to all of them so many times at once. */
interface Peer {
  readonly name: 'gatectl' | 'gatectl on two processes' | 'aedes' | 'mosquitto' | 'C';
  readonly port: number;
  readonly pids: readonly number[];
  /** It ends with its clients. */
  readonly servesOnce?: boolean;
  readonly publish: (times: number) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

interface Measured {
  readonly acceptsPerSecond: number;
  /** The same again, once the first clients have gone. */
  readonly laterAcceptsPerSecond: number;
  readonly bytesEach: number;
  readonly onceMs: number;
  readonly burstMs: number;
}

/** Real MQTT clients over TCP, all in one process in C, on our gate and on what else there is. */
export const gateSuite: Suite = {
  name: 'gate',
  run: (options) => inFolder((folder) => measure(options, folder)),
};

async function measure({quick, say}: BenchOptions, folder: string): Promise<Figure[]> {
  const compiler = findProgram('cc');
  if (compiler === undefined) {
    say('no C compiler: none of these figures');
    return [];
  }
  const load = path.join(folder, 'fanout');
  execFileSync(compiler, ['-O2', '-o', load, path.resolve('test/bench/fanout.c')]);
  const clients = quick ? 1000 : 10_000;
  const all = new Map<Peer['name'], Measured[]>();
  for (let round = 0; round < (quick ? 1 : 3); round += 1) {
    for (const start of [startC, startOurs, startOursTwice, startAedes, startMosquitto]) {
      const peer = await start(load, folder);
      if (peer === undefined) continue;
      try {
        const one = await measureOne(peer, load, clients);
        all.set(peer.name, [...(all.get(peer.name) ?? []), one]);
        say(`${peer.name}: ${JSON.stringify(one)}`);
      } finally {
        await peer.stop();
      }
    }
  }
  return figures(all, clients);
}

async function measureOne(peer: Peer, load: string, count: number): Promise<Measured> {
  const first = await measureClients(peer, load, count);
  const again = peer.servesOnce === true ? undefined : await connected(peer, load, count);
  await again?.stop();
  const laterAcceptsPerSecond = again === undefined ? Number.NaN : (count / again.ready.ms) * 1000;
  return {...first, laterAcceptsPerSecond};
}

function connected(peer: Peer, load: string, count: number): Promise<BenchProcess<{readonly ms: number}>> {
  return BenchProcess.start([load, 'clients', String(peer.port), String(count)]);
}

async function measureClients(
  peer: Peer,
  load: string,
  count: number,
): Promise<Omit<Measured, 'laterAcceptsPerSecond'>> {
  const rss = (): number => peer.pids.reduce((sum, pid) => sum + rssBytes(pid), 0);
  const before = rss();
  const clients = await connected(peer, load, count);
  try {
    await wait(1500); // what joining left behind is collected
    const bytesEach = (rss() - before) / count;
    const timed = async (times: number): Promise<number> => {
      await clients.ask(String(packet.length * count * times));
      await peer.publish(times);
      return (await clients.next<{readonly ms: number}>()).ms;
    };
    await timed(1); // warm
    const single: number[] = [];
    for (let round = 0; round < 5; round += 1) single.push(await timed(1));
    const burstMs = await timed(burst);
    return {acceptsPerSecond: (count / clients.ready.ms) * 1000, bytesEach, onceMs: median(single), burstMs};
  } finally {
    await clients.stop();
    await wait(1500); // until the server has let them go
  }
}

async function startC(load: string): Promise<Peer> {
  const server = await BenchProcess.start<{readonly port: number}>([load, 'serve']);
  const publish = (times: number): Promise<unknown> => server.ask(`${packet.toString('hex')} ${times}`);
  return {
    name: 'C',
    port: server.ready.port,
    pids: [server.pid],
    servesOnce: true,
    publish,
    stop: () => server.stop(),
  };
}

const startOurs = (): Promise<Peer> => startGates('gatectl', 1);
const startOursTwice = (): Promise<Peer> => startGates('gatectl on two processes', 2);

async function startGates(name: Peer['name'], count: number): Promise<Peer> {
  const nats = await startNats();
  const gate = await GateProcess.start('bench', nats.url, '--processes', String(count));
  await until(() => gate.ready.length === count, {what: 'all gates to serve', timeoutMs: 15_000});
  const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: false});
  const caller = new Caller(bus, {caller: 'bench', hostname: 'bench', timeoutMs: 60_000});
  const clients = gate.ready.map(({nodeId: node}) => {
    const target = {node, address: `mqant.gate.${node.replace('@', '.')}`, subjectPerFunction: false};
    return new GateClient({caller, maxPayloadBytes: bus.maxPayloadBytes, target});
  });
  const all = (times: number) => Array.from({length: times}, () => clients).flat();
  return {
    name,
    port: Number(new URL(gate.tcp).port),
    pids: gate.ready.map(({pid}) => pid),
    publish: (times) => Promise.all(all(times).map((client) => client.broadcast(topic, body))),
    stop: async () => {
      caller.close();
      await bus.close();
      const ended = gate.ended();
      gate.signal('SIGTERM'); // and its processes with it
      await ended;
      await nats[Symbol.asyncDispose]();
    },
  };
}

async function startAedes(): Promise<Peer> {
  const server = await BenchProcess.start<{readonly port: number}>([
    process.execPath,
    bundled('aedes-server'),
  ]);
  const publisher = await publisherOn(server.ready.port);
  return {
    name: 'aedes',
    port: server.ready.port,
    pids: [server.pid],
    publish: publisher.publish,
    stop: async () => {
      publisher.socket.destroy();
      await server.stop();
    },
  };
}

async function startMosquitto(_: string, folder: string): Promise<Peer | undefined> {
  const file = findProgram('mosquitto') ?? findProgram('/usr/sbin/mosquitto');
  if (file === undefined) return undefined;
  const port = await freePort();
  const config = path.join(folder, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'set_tcp_nodelay true',
  ];
  writeFileSync(config, [...lines, 'max_queued_messages 0', 'log_type error', ''].join('\n'));
  const server = spawn(file, ['-c', config], {stdio: 'ignore'});
  await until(() => canConnect(port), {what: 'mosquitto to listen'});
  const publisher = await publisherOn(port);
  return {
    name: 'mosquitto',
    port,
    pids: [server.pid ?? 0],
    publish: publisher.publish,
    stop: async () => {
      publisher.socket.destroy();
      const exit = once(server, 'exit');
      server.kill();
      await exit;
    },
  };
}

async function canConnect(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const connected = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return connected;
}

/** A client that publishes and subscribes to nothing. */
async function publisherOn(
  port: number,
): Promise<{socket: Socket; publish: (times: number) => Promise<void>}> {
  const socket = connect(port, '127.0.0.1').setNoDelay(true);
  socket.write(generate({cmd: 'connect', clientId: 'publisher', keepalive: 0, clean: true}));
  await once(socket, 'data');
  return {
    socket,
    publish: async (times) => void socket.write(Buffer.concat(Array.from({length: times}, () => packet))),
  };
}

function figures(all: ReadonlyMap<Peer['name'], readonly Measured[]>, clients: number): Figure[] {
  const of = (name: Peer['name'], part: (one: Measured) => number): number =>
    median((all.get(name) ?? []).map(part));
  const once_ = (name: Peer['name']): number => of(name, ({onceMs}) => onceMs);
  const rate = (name: Peer['name']): number => of(name, ({burstMs}) => (clients * burst * 1000) / burstMs);
  const accepts = (name: Peer['name']): number => of(name, ({acceptsPerSecond}) => acceptsPerSecond);
  const later = (name: Peer['name']): number => of(name, ({laterAcceptsPerSecond}) => laterAcceptsPerSecond);
  const acceptRows = (ours: Peer['name'], processes: string): Figure[] => [
    {
      name: `accepts (CONNECT and SUBSCRIBE), ${processes}, the first ${clients} after its start`,
      value: perSecond(accepts(ours)),
      floor: `mosquitto ${perSecond(accepts('mosquitto'))}`,
      ratio: accepts(ours) / accepts('mosquitto'),
      target: atLeast(1.1, 1.5),
    },
    {
      name: `accepts, ${processes}, the next ${clients}`,
      value: perSecond(later(ours)),
      floor: `mosquitto ${perSecond(later('mosquitto'))}`,
      ratio: later(ours) / later('mosquitto'),
      target: atLeast(1.1, 1.5),
    },
  ];
  const memory = (name: Peer['name']): number => of(name, ({bytesEach}) => bytesEach);
  const kb = (bytes: number): string => `${(bytes / 1000).toFixed(2)} KB`;
  const one = `one broadcast of ${body.length} B to ${clients} clients`;
  return [
    {
      name: one,
      value: ms(once_('gatectl')),
      floor: `C ${ms(once_('C'))}`,
      ratio: once_('gatectl') / once_('C'),
      target: atMost(1.4, 1.25),
    },
    {
      name: `${one}, beside mosquitto`,
      value: ms(once_('gatectl')),
      floor: `mosquitto ${ms(once_('mosquitto'))}`,
      ratio: once_('mosquitto') / once_('gatectl'),
      target: atLeast(2, 2.5),
    },
    {
      name: `${one}, beside aedes`,
      value: ms(once_('gatectl')),
      floor: `aedes ${ms(once_('aedes'))}`,
      ratio: once_('aedes') / once_('gatectl'),
    },
    {
      name: `${burst} broadcasts in a burst: deliveries`,
      value: perSecond(rate('gatectl')),
      floor: `mosquitto ${perSecond(rate('mosquitto'))}`,
      ratio: rate('gatectl') / rate('mosquitto'),
      target: atLeast(8, 30),
    },
    {
      name: 'the same beside aedes',
      value: perSecond(rate('gatectl')),
      floor: `aedes ${perSecond(rate('aedes'))}`,
      ratio: rate('gatectl') / rate('aedes'),
    },
    ...acceptRows('gatectl', 'one process'),
    ...acceptRows('gatectl on two processes', 'two processes'),
    {
      name: 'accepts, one process, the first, beside aedes',
      value: perSecond(accepts('gatectl')),
      floor: `aedes ${perSecond(accepts('aedes'))}`,
      ratio: accepts('gatectl') / accepts('aedes'),
    },
    {
      name: 'memory of an idle connection',
      value: kb(memory('gatectl')),
      floor: `aedes ${kb(memory('aedes'))}`,
      ratio: memory('gatectl') / memory('aedes'),
      target: atMost(0.5, 0.25),
    },
  ].filter(({ratio}) => !Number.isNaN(ratio));
}
