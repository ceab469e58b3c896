import {openScreen, type Screen} from '../../support/screen.js';
import {type BenchCluster, startBenchCluster} from '../dashboard/cluster.js';
import {frameCosts, rowTree} from '../dashboard/frames.js';
import {median, percentile} from '../dashboard/numbers.js';
import {atMost, type BenchOptions, below, type Figure, ms, type Suite, type Target} from '../figure.js';

const sessions = 300_000;
const size = {columns: 200, rows: 50};

/** What the dashboard costs on 3 gates whose sessions the gates made up themselves, in a real pseudo-terminal. */
export const dashboardSuite: Suite = {name: 'dashboard', run: measure};

async function measure({quick, say}: BenchOptions): Promise<Figure[]> {
  const [rounds, seconds] = quick ? [3, 2] : [7, 10];
  const figures = frames(await frameCosts());
  say('frames');
  {
    await using cluster = await startBenchCluster({sessions, churn: 0});
    figures.push(...(await firstFrames(cluster, rounds)));
    say('first frames');
    figures.push(...(await running(cluster, 'idle', seconds, below(3, 3, '% of a core'))));
    say('idle');
  }
  await using cluster = await startBenchCluster({sessions, churn: 1000});
  const share = below(12, 5, '% of a core');
  figures.push(...(await running(cluster, 'with 3,000 changes a second', seconds, share)));
  figures.push(...(await eventTail(cluster, seconds, share)));
  return figures;
}

/** Ours beside the same tree in Ink's package as it is. */
function frames(costs: Awaited<ReturnType<typeof frameCosts>>): Figure[] {
  return costs.flatMap(({tree, kind, cpuMs}) => {
    const stock = costs.find((one) => one.kind === 'stock' && one.tree === tree);
    if (kind === 'stock' || stock === undefined) return [];
    const name = `a frame of 45 × 8 cells, every row changed, ${tree}`;
    const floor = `Ink's package ${ms(stock.cpuMs)}`;
    const ratio = cpuMs / stock.cpuMs;
    if (tree !== rowTree) return [{name, value: ms(cpuMs), floor, ratio}];
    return [{...absolute(name, cpuMs, below(6, 2, 'ms'), floor), ratio}];
  });
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
async function firstFrames(cluster: BenchCluster, rounds: number): Promise<Figure[]> {
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
  const plainMs = median(floor);
  const whole = `a plain program's whole screen: ${ms(plainMs)}`;
  const first = median(any);
  return [
    {
      name: 'dashboard, first frame',
      value: ms(first),
      floor: whole,
      ratio: first / plainMs,
      target: atMost(3.5, 2),
    },
    absolute('dashboard, first useful frame', median(useful), below(700, 700, 'ms'), whole),
    {
      name: 'a plain program, key to frame',
      value: `${ms(median(floorKeys))}, p95 ${ms(percentile(floorKeys, 95))}`,
    },
  ];
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

/** Of one core, in percent. */
async function cpuShare(screen: Screen, seconds: number): Promise<number> {
  const start = performance.now();
  const before = screen.cpuMs();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return ((screen.cpuMs() - before) / (performance.now() - start)) * 100;
}

async function running(
  cluster: BenchCluster,
  name: string,
  seconds: number,
  share: Target,
): Promise<Figure[]> {
  await using screen = openDashboard(cluster);
  await screen.becomes('useful', () => holdsTotal(screen), 20_000);
  await cpuShare(screen, seconds); // warm
  const overview = await cpuShare(screen, seconds);
  screen.press('2');
  await screen.becomes('listing', () => cursorRow(screen) >= 0, 20_000);
  const listing = await cpuShare(screen, seconds);
  const times = await keys(screen, 150);
  const figures = [
    absolute(`dashboard ${name}: overview, processor`, overview, share),
    absolute(`dashboard ${name}: sessions, processor`, listing, share),
    {name: `dashboard ${name}: key to frame, median`, value: ms(median(times))},
    absolute(`dashboard ${name}: key to frame, p95`, percentile(times, 95), below(20, 10, 'ms')),
    absolute(`dashboard ${name}: memory`, screen.rssMb(), below(200, 200, 'MB')),
  ];
  screen.press('q');
  await screen.ended();
  return figures;
}

async function eventTail(cluster: BenchCluster, seconds: number, share: Target): Promise<Figure[]> {
  await using screen = openDashboard(cluster);
  await screen.becomes('useful', () => holdsTotal(screen), 20_000);
  screen.press('3');
  await screen.becomes('live', () => /settings|connected|closed/.test(screen.text()), 20_000);
  const before = screen.frames();
  const start = performance.now();
  const events = await cpuShare(screen, seconds);
  const frames = (screen.frames() - before) / ((performance.now() - start) / 1000);
  return [
    absolute('dashboard with 3,000 changes a second: events, processor', events, share),
    {name: 'dashboard with 3,000 changes a second: events, frames', value: `${frames.toFixed(1)} a second`},
    absolute('dashboard with 3,000 changes a second: events, memory', screen.rssMb(), below(200, 200, 'MB')),
  ];
}

/** A figure whose aim is no ratio. */
function absolute(name: string, amount: number, target: Target, floor?: string): Figure {
  const digits = amount < 100 ? 1 : 0;
  return {name, value: `${amount.toFixed(digits)} ${target.unit ?? ''}`, amount, floor, target};
}
