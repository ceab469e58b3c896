// The gate under attack at full size, each figure beside what it was in peace: half-open sockets (F04), a flood (F07), a
// client that does not read (F08). Ten thousand comings and goings (F14) are GATECTL_COMINGS=10000 in test/live/gate/baseline.test.ts. npm run attack
import {once} from 'node:events';
import {loadavg} from 'node:os';
import {generate} from 'mqtt-packet';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {connectPacket, pings, startFlood} from '../support/flood.js';
import {gateClientOn} from '../support/gate-caller.js';
import {GateProcess} from '../support/gate-process.js';
import {startNats} from '../support/nats.js';
import {until} from '../support/poll.js';
import {percentile, residentBytes} from '../support/proc.js';
import {RawClient} from '../support/test-gate.js';

const nats = await startNats();
const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: true});
const gate = await GateProcess.start('attacked', nats.url, '--store', 'memory:');
const port = Number(new URL(gate.tcp).port);
const client = gateClientOn(bus, gate.nodeId, 10_000);
const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
let isGood = true;

function figure(name: string, text: string, holds: boolean): void {
  isGood &&= holds;
  console.log(`${holds ? 'met   ' : 'MISSED'} ${name}: ${text}`);
}

async function joined(): Promise<RawClient> {
  const raw = await RawClient.connect(port);
  raw.connect();
  await raw.packet('connack');
  return raw;
}

/** The usual deadline of ten seconds; sockets that say nothing, one byte, and a byte each five seconds. */
async function halfOpen(): Promise<void> {
  const coming = async (): Promise<number> => {
    const started = performance.now();
    (await joined()).destroy();
    return performance.now() - started;
  };
  const calm: number[] = [];
  while (calm.length < 200) calm.push(await coming());
  const hello = connectPacket('slow');
  const started = performance.now();
  const sockets = await Promise.all(
    Array.from({length: 1500}, async (_, at) => ({raw: await RawClient.connect(port), says: at % 3})),
  );
  const trickle = (at: number): void => {
    for (const {raw, says} of sockets)
      if (says === 2 || (says === 1 && at === 0)) raw.socket.write(hello.subarray(at, at + 1));
  };
  trickle(0);
  const timers = [5000, 10_000].map((ms, at) => setTimeout(trickle, ms, at + 1));
  const times: number[] = [];
  while (performance.now() - started < 9500) times.push(await coming());
  await until(() => sockets.every(({raw}) => raw.isClosed), {timeoutMs: 20_000});
  const seconds = (performance.now() - started) / 1000;
  for (const timer of timers) clearTimeout(timer);
  const [was, is] = [percentile(calm, 0.99), percentile(times, 0.99)];
  figure(
    'F04 half-open',
    `1,500 sockets without a CONNECT were gone after ${seconds.toFixed(1)} s (aim 12); ${times.length} real clients connected meanwhile, p99 ${is.toFixed(1)} ms (in peace ${was.toFixed(1)} ms; aim 200)`,
    seconds < 12 && is < 200,
  );
}

async function flood(): Promise<void> {
  const others = await Promise.all(Array.from({length: 10}, joined));
  const calm = await pings(others, 3000, 5);
  const child = startFlood(port);
  await pings(others, 2000, 5);
  const before = residentBytes(gate.pid);
  const {received: first} = await client.stats();
  const times = await pings(others, 10_000, 5);
  const {received} = await client.stats();
  const grown = residentBytes(gate.pid) - before;
  child.kill('SIGKILL');
  await once(child, 'close');
  const [was, is] = [percentile(calm, 0.99), percentile(times, 0.99)];
  figure(
    'F07 flood',
    `${((received - first) / 10).toFixed(0)} messages a second of one client; PINGREQ of others p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${is.toFixed(1)} ms (in peace ${was.toFixed(1)} ms; aim 50); +${megabytes(grown)} MB (aim 64)`,
    is < Math.max(50, 4 * was) && grown < 64 * 1024 * 1024,
  );
  for (const one of others) one.destroy();
}

async function slowReader(): Promise<void> {
  const healthy = await Promise.all(Array.from({length: 50}, joined));
  const got = healthy.map((raw) => {
    const counted = {messages: 0};
    raw.socket.removeAllListeners('data');
    let bytes = 0;
    raw.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      counted.messages = Math.floor(bytes / packetBytes);
    });
    return counted;
  });
  const stuck = await joined();
  stuck.socket.pause();
  const body = Buffer.alloc(10 * 1024, 1);
  const before = residentBytes(gate.pid);
  const times: number[] = [];
  let most = 0;
  for (let sent = 1; sent <= rounds; sent += 1) {
    const started = performance.now();
    await client.broadcast('/news', body);
    times.push(performance.now() - started);
    most = Math.max(most, residentBytes(gate.pid) - before);
    await until(() => got.every(({messages}) => messages >= sent - 50), {timeoutMs: 30_000});
  }
  await until(() => got.every(({messages}) => messages === rounds), {timeoutMs: 30_000});
  await until(async () => (await client.count()).sessions === 50, {timeoutMs: 10_000});
  figure(
    'F08 slow reader',
    `${rounds} broadcasts of 10 KiB: 50 of 50 got every one, the stuck one was closed; a call p99 ${percentile(times, 0.99).toFixed(1)} ms, longest ${Math.max(...times).toFixed(0)} ms (aim 1000); at most +${megabytes(most)} MB`,
    Math.max(...times) < 1000,
  );
  for (const one of [...healthy, stuck]) one.destroy();
}

const rounds = 10_000;
const packetBytes = generate({
  cmd: 'publish',
  topic: '/news',
  payload: Buffer.alloc(10 * 1024, 1),
  qos: 0,
  dup: false,
  retain: false,
}).length;

try {
  await halfOpen();
  await flood();
  await slowReader();
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
  process.exitCode = isGood ? 0 : 1;
} finally {
  await gate.kill();
  await bus.close();
  await nats[Symbol.asyncDispose]();
}
