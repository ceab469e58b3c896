// A gate, a watch and the dashboard for a long time at load: do memory and handles stay flat?
// npm run soak -- --minutes 30 [--clients 300]
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {loadavg} from 'node:os';
import {setTimeout as delay} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {connectBus} from '../../src/bus/connect/connect-bus.js';
import {helloWorldHandlers} from '../../src/dev/hello-world.js';
import {startModule} from '../../src/module/start-module.js';
import {NatsDiscovery} from '../../src/registry/nats/nats-discovery.js';
import {GateProcess} from '../support/gate-process.js';
import {startNats} from '../support/nats.js';
import {openFiles, residentBytes} from '../support/proc.js';
import {startRedis} from '../support/redis.js';
import {cleanEnvironment} from '../support/run-cli.js';
import {openScreen, type Screen} from '../support/screen.js';
import {startLoad} from './load.js';
import {slopePerMinute} from './slope.js';

const {values} = parseArgs({
  options: {minutes: {type: 'string', default: '30'}, clients: {type: 'string', default: '300'}},
});
const minutes = Number(values.minutes);
const sampleMs = Math.min(5000, minutes * 1000);
/**
 * What the least memory of the last third may be over that of the middle third: what a collector leaves behind each
 * time, where memory as a whole goes up and down by tens of megabytes.
 */
const allowedBytes = 8 * 1024 * 1024;
const allowedFiles = 3;

interface Watched {
  readonly name: string;
  readonly pid: number;
  readonly bytes: number[];
  readonly files: number[];
}

const watched = (name: string, pid: number): Watched => ({name, pid, bytes: [], files: []});
const lastTwoThirds = (values_: readonly number[]): number[] => values_.slice(Math.floor(values_.length / 3));
const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

/** `sessions watch` as a program in a pipe, whose lines are counted and thrown away. */
function startWatch(server: string): {readonly child: ChildProcess; readonly lines: () => number} {
  const argv = ['bin/gatectl.js', 'sessions', 'watch', '-o', 'jsonl', '--server', server];
  const child = spawn(process.execPath, argv, {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let lines = 0;
  child.stdout.on('data', (bytes: Buffer) => {
    for (const byte of bytes) if (byte === 10) lines += 1;
  });
  return {child, lines: () => lines};
}

async function hasDashboard(): Promise<boolean> {
  const child = spawn(process.execPath, ['bin/gatectl.js', 'dashboard', '--help'], {env: cleanEnvironment()});
  let help = '';
  child.stdout.on('data', (text) => {
    help += text;
  });
  await once(child, 'close');
  return help.includes('gatectl dashboard');
}

function report(one: Watched): boolean {
  const third = Math.floor(one.bytes.length / 3);
  const least = (from: number): number => Math.min(...one.bytes.slice(from, from + third));
  const grown = least(2 * third) - least(third);
  const slope = slopePerMinute(lastTwoThirds(one.bytes), sampleMs);
  const files = lastTwoThirds(one.files);
  const grownFiles = Math.max(...files.slice(-5)) - Math.max(...files.slice(0, 5));
  const isFlat = grown <= allowedBytes && grownFiles <= allowedFiles;
  console.log(
    `${one.name.padEnd(16)} ${megabytes(one.bytes[0] ?? 0)} MB at first, ${megabytes(one.bytes.at(-1) ?? 0)} MB at the end, ` +
      `least of each third ${[0, third, 2 * third].map((from) => megabytes(least(from))).join(', ')} MB, slope ${(slope / 1024).toFixed(0)} KiB a minute; ${files[0]} files, ${files.at(-1)} at the end: ${isFlat ? 'flat' : 'GROWS'}`,
  );
  return isFlat;
}

const nats = await startNats();
const redis = await startRedis();
const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: true});
const registry = new NatsDiscovery({bus});
const gate = await GateProcess.start('soak', nats.url, '--store', `${redis.url}/0`);
const module = await startModule({type: 'HelloWorld', id: 'h', bus, registry, handlers: helloWorldHandlers});
const load = startLoad({
  ports: [Number(new URL(gate.tcp).port)],
  clients: Number(values.clients),
  asksPerSecond: 500,
  churnPerSecond: 10,
});
const watch = startWatch(nats.url);
const all = [watched('gate', gate.pid), watched('sessions watch', watch.child.pid ?? 0)];
let screen: Screen | undefined;
if (await hasDashboard()) {
  const argv = ['bin/gatectl.js', 'dashboard', '--server', nats.url];
  screen = openScreen(process.execPath, argv, {columns: 120, rows: 40, env: cleanEnvironment()});
  all.push(watched('dashboard', screen.pid));
} else console.log('there is no dashboard to watch');
try {
  await delay(Math.min(20_000, minutes * 6000)); // all is loaded
  const end = performance.now() + minutes * 60_000;
  while (performance.now() < end) {
    for (const one of all) {
      one.bytes.push(residentBytes(one.pid));
      one.files.push(openFiles(one.pid));
    }
    await delay(sampleMs);
  }
  const {connects, asked, answered, errors, pushes} = load.counts;
  console.log(
    `${minutes} minutes, ${values.clients} clients: ${connects} connects, ${asked} questions, ${answered} answers of which ` +
      `${errors} errors, ${pushes} pushes, ${watch.lines()} events watched; load ${loadavg()[0]?.toFixed(1)}`,
  );
  const isFlat = all.map(report).every(Boolean);
  const isAlive = watch.child.exitCode === null && watch.lines() > connects;
  if (!isAlive) console.log('the watch did not live, or missed events');
  process.exitCode = isFlat && isAlive ? 0 : 1;
} finally {
  load.stop();
  watch.child.kill('SIGKILL');
  await screen?.[Symbol.asyncDispose]();
  await module.close(0);
  await gate.kill();
  await bus.close();
  await redis[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
}
