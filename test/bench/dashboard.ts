// What the dashboard costs on 3 gates with 300,000 sessions that the gates made up themselves (test/support/generated-gate.ts):
// node test/bench/run.mjs dashboard [--sessions 300000] [--rounds 7] [--seconds 10] [--json FILE]
import {writeFileSync} from 'node:fs';
import {loadavg} from 'node:os';
import {parseArgs} from 'node:util';
import {openScreen, type Screen} from '../support/screen.js';
import {type BenchCluster, startBenchCluster} from './dashboard/cluster.js';
import {frameCosts} from './dashboard/frames.js';
import {median, percentile} from './dashboard/numbers.js';

const {values} = parseArgs({
  options: {
    sessions: {type: 'string', default: '300000'},
    rounds: {type: 'string', default: '7'},
    seconds: {type: 'string', default: '10'},
    json: {type: 'string'},
  },
});
const sessions = Number(values.sessions);
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const size = {columns: 200, rows: 50};
const total = sessions.toLocaleString('en').replaceAll(',', ' ');

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly target: string;
}
const figures: Figure[] = [];
const raw: Record<string, unknown> = {load: {before: loadavg()}, sessions, size};

function note(name: string, value: number, unit: string, target = ''): void {
  const rounded = value >= 100 ? Math.round(value) : Math.round(value * 10) / 10;
  figures.push({name, value: `${rounded} ${unit}`, target});
  raw[name] = value;
}

/** A program that draws a screen as plainly as can be, to compare starts with. */
const plain = `process.stdin.setRawMode(true); process.stdin.resume();
process.stdout.write('\\u001b[?1049h' + Array.from({length: 48}, (_, row) => 'row ' + row).join('\\r\\n'));
process.stdin.on('data', (key) => String(key) === 'q' ? process.exit() : process.stdout.write('\\u001b[1;1Hkey ' + key));`;

function openDashboard(cluster: BenchCluster): Screen {
  return openScreen(process.execPath, ['bin/gatectl.js', 'dashboard', '--server', cluster.url], {
    ...size,
    env: cluster.env,
  });
}

async function timed(action: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** From the start of the process to figures of the cluster on the screen, beside the plain program's whole screen. */
async function firstFrames(cluster: BenchCluster): Promise<void> {
  const floor: number[] = [];
  const floorKeys: number[] = [];
  const any: number[] = [];
  const useful: number[] = [];
  for (let round = 0; round < rounds; round++) {
    {
      const start = performance.now();
      await using screen = openScreen(process.execPath, ['-e', plain], size);
      await screen.shows('row 47');
      floor.push(performance.now() - start);
      for (const key of 'abcdefghijklmno') {
        const shown = timed(() => screen.becomes('answered', () => screen.row(0).startsWith(`key ${key}`)));
        screen.press(key);
        floorKeys.push(await shown);
      }
    }
    const start = performance.now();
    await using screen = openDashboard(cluster);
    await screen.becomes('drawn', () => screen.row(0).includes('gatectl'), 20_000);
    any.push(performance.now() - start);
    await screen.becomes('useful', () => /3\/3/.test(screen.text()) && holdsTotal(screen), 20_000);
    useful.push(performance.now() - start);
    screen.press('q');
    await screen.ended();
  }
  note('plain ANSI program, whole screen', median(floor), 'ms');
  note('plain ANSI program, key to frame, median', median(floorKeys), 'ms');
  note('plain ANSI program, key to frame, p95', percentile(floorKeys, 95), 'ms');
  note('dashboard, first frame', median(any), 'ms', `≤ 3.5 × plain: ${Math.round(3.5 * median(floor))} ms`);
  note('dashboard, first frame, × plain', median(any) / median(floor), '×', '≤ 3.5 ×');
  note('dashboard, first useful frame', median(useful), 'ms', '< 700 ms');
}

function holdsTotal(screen: Screen): boolean {
  return screen
    .text()
    .replaceAll(/[ ,.\u202f\u00a0]/g, '')
    .includes(String(sessions));
}

/** From a key to the screen that answers it. */
async function keys(screen: Screen, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let press = 0; press < count; press++) {
    const before = cursorRow(screen);
    const key = before < 20 && press % 2 === 0 ? 'j' : 'k';
    const moved = timed(() => screen.becomes('answered', () => cursorRow(screen) !== before));
    screen.press(before <= 4 ? 'j' : key);
    times.push(await moved);
    await new Promise((resolve) => setTimeout(resolve, 37)); // a hand, not a machine; out of step with the updates
  }
  return times;
}

function cursorRow(screen: Screen): number {
  for (let row = 0; row < size.rows; row++) if (/^[>›]/.test(screen.row(row))) return row;
  return -1;
}

async function cpuShare(screen: Screen): Promise<number> {
  const start = performance.now();
  const before = screen.cpuMs();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return ((screen.cpuMs() - before) / (performance.now() - start)) * 100;
}

async function running(
  cluster: BenchCluster,
  name: string,
  targets: {cpu: string; keys: string},
): Promise<void> {
  await using screen = openDashboard(cluster);
  await screen.becomes('useful', () => holdsTotal(screen), 20_000);
  await cpuShare(screen); // warm
  note(`${name}: overview, processor`, await cpuShare(screen), '% of a core', targets.cpu);
  screen.press('2');
  await screen.becomes('listing', () => cursorRow(screen) >= 0, 20_000);
  note(`${name}: sessions, processor`, await cpuShare(screen), '% of a core', targets.cpu);
  const times = await keys(screen, 150);
  note(`${name}: key to frame, median`, median(times), 'ms');
  note(`${name}: key to frame, p95`, percentile(times, 95), 'ms', targets.keys);
  note(`${name}: memory`, screen.rssMb(), 'MB', '< 200 MB');
  screen.press('q');
  await screen.ended();
}

async function eventTail(cluster: BenchCluster): Promise<void> {
  await using screen = openDashboard(cluster);
  await screen.becomes('useful', () => holdsTotal(screen), 20_000);
  screen.press('3');
  await screen.becomes('live', () => /settings|connected|closed/.test(screen.text()), 20_000);
  const before = screen.frames();
  const start = performance.now();
  note('busy: events, processor', await cpuShare(screen), '% of a core', '≤ 12 %, at most 35 %');
  note(
    'busy: events, frames',
    (screen.frames() - before) / ((performance.now() - start) / 1000),
    'a second',
    '≤ 12',
  );
  note('busy: events, memory', screen.rssMb(), 'MB', '< 200 MB');
}

const costs = await frameCosts();
for (const {name, wallMs, cpuMs, target} of costs) {
  note(`45×8 cells, every row changed: ${name}, wall`, wallMs, 'ms/frame', target);
  note(`45×8 cells, every row changed: ${name}, processor`, cpuMs, 'ms/frame');
}
{
  await using cluster = await startBenchCluster({sessions, churn: 0});
  await firstFrames(cluster);
  await running(cluster, 'idle', {cpu: '< 3 %', keys: '≤ 20 ms, at most 60 ms'});
}
{
  await using cluster = await startBenchCluster({sessions, churn: 1000});
  await running(cluster, 'busy', {cpu: '≤ 12 %, at most 35 %', keys: '≤ 20 ms, at most 60 ms'});
  await eventTail(cluster);
}
raw['load'] = {...(raw['load'] as object), after: loadavg()};

const width = Math.max(...figures.map(({name}) => name.length));
console.log(
  `${total} sessions on 3 gates, made up inside the gates; ${size.columns}×${size.rows}; load ${loadavg()
    .map((one) => one.toFixed(1))
    .join(' ')}\n`,
);
for (const {name, value, target} of figures)
  console.log(`${name.padEnd(width)}  ${value.padStart(18)}  ${target}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(raw, null, 2)}\n`);
