// How long event loops are held: that of the dashboard while it lists, filters and asks whom a write is for, and that of gates while
// they answer all of that and list all they have: node test/bench/run.mjs loop [--sessions 1000000] [--seconds 8]
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {loadavg, tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {openScreen, type Screen} from '../support/screen.js';
import {startBenchCluster} from './dashboard/cluster.js';
import {median} from './dashboard/numbers.js';

const {values} = parseArgs({
  options: {sessions: {type: 'string', default: '1000000'}, seconds: {type: 'string', default: '8'}},
});
const [sessions, seconds] = [Number(values.sessions), Number(values.seconds)];
const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-loop-'));
const probe = ['--require', path.resolve('test/bench/loop-delay.cjs')];
const fileOf = (who: string): string => path.join(folder, `${who}.jsonl`);

interface Reading {
  readonly at: number;
  readonly max: number;
  readonly p99: number;
  /** The longest collection of garbage. */
  readonly gc: number;
}

/** The longest hold, and the p99 of a fifth of a second in the middle of all and at worst. */
function held(who: string, from: number): string {
  const readings = readFileSync(fileOf(who), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Reading)
    .filter(({at}) => at > from + 200);
  const worst = (of: (reading: Reading) => number): string => Math.max(...readings.map(of)).toFixed(1);
  const usual = median(readings.map(({p99}) => p99)).toFixed(1);
  return `max ${worst(({max}) => max)} ms (garbage ${worst(({gc}) => gc)} ms), p99 ${usual} ms (at worst ${worst(({p99}) => p99)} ms)`;
}

async function step(what: string, whose: readonly string[], work: () => Promise<void>): Promise<void> {
  const from = Date.now();
  await work();
  await sleep(250); // the last reading
  for (const who of whose) console.log(`${what.padEnd(62)} ${who.padEnd(10)} ${held(who, from)}`);
}

const hold = (): Promise<void> => sleep(seconds * 1000);

async function walk(screen: Screen): Promise<void> {
  for (let at = 0; at < seconds * 20; at += 1) {
    screen.press(at % 40 < 20 ? 'j' : 'k');
    await sleep(50);
  }
}

/** A command line over all sessions, its output thrown away. */
async function command(url: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, ['bin/gatectl.js', ...args, '--server', url], {stdio: 'ignore'});
  await once(child, 'exit');
}

process.env['NODE_OPTIONS'] = probe.join(' '); // for the gates
process.env['LOOP_DELAY_FILE'] = fileOf('gates');
try {
  await using cluster = await startBenchCluster({sessions, churn: 0});
  process.env['NODE_OPTIONS'] = '';
  await using screen = openScreen(
    process.execPath,
    [...probe, 'bin/gatectl.js', 'dashboard', '--server', cluster.url],
    {columns: 200, rows: 50, env: {...cluster.env, LOOP_DELAY_FILE: fileOf('dashboard')}},
  );
  process.env['LOOP_DELAY_FILE'] = fileOf('others');
  const both = ['dashboard', 'gates'];
  console.log(`${sessions} sessions on 3 gates in one process; load ${loadavg()[0]?.toFixed(1)}\n`);
  await screen.shows('3/3', 20_000);
  await sleep(3000);
  await step('overview', both, hold);
  screen.press('2');
  await screen.shows('first ', 20_000);
  await step('sessions, the first of them by age', both, hold);
  await step('the same, with 20 keys a second', both, () => walk(screen));
  screen.press('/');
  screen.send('settings.room == "mqant-07"');
  screen.press('enter');
  await screen.shows('where settings.room', 20_000);
  await step('sessions of a filter', both, hold);
  screen.press('*', 'K');
  await step('whom a write on all that match is for: 1 of 100', both, async () => {
    await screen.shows('per second on each gate', 60_000);
  });
  screen.press('esc');
  await step('sessions list -o jsonl of all meanwhile', both, () =>
    command(cluster.url, 'sessions', 'list', '-o', 'jsonl'),
  );
  await step('sessions count --where … meanwhile', both, () =>
    command(cluster.url, 'sessions', 'count', '--where', 'settings.level == "07"'),
  );
  screen.press('q');
  await screen.ended();
} finally {
  rmSync(folder, {recursive: true, force: true});
}
