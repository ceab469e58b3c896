// Random keys, pastes, clicks and sizes on the dashboard of a live cluster: does it survive, and does memory stay flat?
// npm run monkey -- --minutes 20 [--heap 64] [--seed 7]
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import {seededRandom} from '../../src/dev/clients/seeded-random.js';
import {keyBindings} from '../../src/tui/keymap/keymap.js';
import {startDev} from '../support/dev-process.js';
import {evilText} from '../support/evil.js';
import {mouseReport, pasted} from '../support/keys.js';
import {residentBytes} from '../support/proc.js';
import {cleanEnvironment} from '../support/run-cli.js';
import {type Ended, openScreen, type Screen} from '../support/screen.js';
import {temporaryFolder} from '../support/temp.js';
import {startLoad} from './load.js';

const {values} = parseArgs({
  options: {
    minutes: {type: 'string', default: '20'},
    /** Limit of the program's heap in MiB. */
    heap: {type: 'string'},
    seed: {type: 'string', default: '1'},
    'per-second': {type: 'string', default: '25'},
  },
});
const minutes = Number(values.minutes);
const random = seededRandom(Number(values.seed));
const sampleMs = 5000;
/** After this many inputs, the overview must come back. */
const inputsPerCheck = 500;

const some = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** Keys that leave the program, on purpose. */
const leaving = ['q', 'ctrl-c', 'ctrl-z'];
const keys = keyBindings.flatMap((binding) => binding.keys).filter((key) => !leaving.includes(key));
const letters = [...'abcdefghijklmnoprstuvwxyzABCDEFGHIJKLMNOPRSTUVWXYZ0123456789 .:/-_="*'];
const special = [
  'enter',
  'esc',
  'tab',
  'shift-tab',
  'up',
  'down',
  'left',
  'right',
  'home',
  'end',
  'ctrl-u',
  'y',
  'n',
];
const texts = [
  'uid contains "1"',
  'room = lobby',
  'context',
  'theme light',
  'theme none',
  'sort received',
  '用户',
  evilText,
];
const sizes = [
  [60, 15],
  [80, 24],
  [120, 40],
  [200, 50],
  [20, 5],
] as const;

/** One random input; returns how it is named in a report. */
function press(screen: Screen): string {
  const dice = random();
  if (dice < 0.6) return pressed(screen, some(keys));
  if (dice < 0.72) return pressed(screen, some(letters));
  if (dice < 0.9) return pressed(screen, some(special));
  if (dice < 0.95) {
    const [column, row] = [
      Math.floor(random() * screen.xterm.cols),
      Math.floor(random() * screen.xterm.rows),
    ];
    screen.send(mouseReport(some(['click', 'wheel-up', 'wheel-down'] as const), column, row));
    return `mouse ${column},${row}`;
  }
  if (dice < 0.99) {
    const text = some(texts);
    screen.send(random() < 0.5 ? pasted(text) : text);
    return JSON.stringify(text);
  }
  const [columns, rows] = some(sizes);
  screen.resize(columns, rows);
  return `${columns}x${rows}`;
}

function pressed(screen: Screen, key: string): string {
  screen.press(key);
  return key;
}

/** Leaves dialogs, prompts and documents: the overview is there within the time. Returns how long that took, in ms. */
async function comesBack(screen: Screen): Promise<number> {
  screen.resize(120, 40);
  const start = performance.now();
  for (let step = 0; step < 12; step += 1) {
    screen.press('esc');
    await delay(60); // a lone escape is one only after a while
  }
  screen.press('1');
  await screen.becomes(
    'the overview',
    () => screen.text().includes('all gates') && screen.text().includes('q quit'),
  );
  return performance.now() - start;
}

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

function report(bytes: readonly number[]): void {
  const third = Math.max(1, Math.floor(bytes.length / 3));
  const least = [0, third, 2 * third].map((from) => megabytes(Math.min(...bytes.slice(from, from + third))));
  const middle = bytes[Math.floor(bytes.length / 2)] ?? 0;
  console.log(
    `memory: ${megabytes(bytes[0] ?? 0)} MB at first, ${megabytes(middle)} in the middle, ${megabytes(bytes.at(-1) ?? 0)} at the end; ` +
      `least of each third ${least.join(', ')} MB, most ${megabytes(Math.max(...bytes))}`,
  );
}

await using folder = await temporaryFolder('gatectl-monkey-');
await using dev = await startDev();
const load = startLoad({
  ports: dev.gates.map(({tcp}) => Number(new URL(tcp).port)),
  ...{clients: 60, asksPerSecond: 20, churnPerSecond: 1},
});
const env = {
  ...{...cleanEnvironment(), ...dev.env, EDITOR: 'true', VISUAL: 'true'},
  ...(values.heap !== undefined && {NODE_OPTIONS: `--max-old-space-size=${values.heap}`}),
};
let over: Ended | undefined;
const open = async (): Promise<Screen> => {
  const screen = openScreen(process.execPath, [path.resolve('bin/gatectl.js'), 'dashboard'], {
    ...{columns: 120, rows: 40, env, cwd: folder.path},
  });
  await screen.shows('all gates');
  over = undefined;
  void screen.ended(2 ** 31 - 1).then((ended) => {
    over = ended;
  });
  return screen;
};

let screen = await open();
const bytes: number[] = [];
const last: string[] = [];
let [inputs, quits, slowestMs] = [0, 0, 0];
let sampledAt = 0;
const end = performance.now() + minutes * 60_000;
try {
  while (performance.now() < end) {
    last.push(press(screen));
    if (last.length > 60) last.shift();
    inputs += 1;
    await delay(1000 / Number(values['per-second']));
    if (over !== undefined) {
      if (over.code !== 0) throw new Error(`the dashboard ended with ${over.code}, signal ${over.signal}`);
      quits += 1; // by a typed command
      screen = await open();
    }
    if (inputs % inputsPerCheck === 0) slowestMs = Math.max(slowestMs, await comesBack(screen));
    if (performance.now() - sampledAt < sampleMs) continue;
    sampledAt = performance.now();
    bytes.push(residentBytes(screen.pid));
  }
  slowestMs = Math.max(slowestMs, await comesBack(screen));
  screen.press('q', 'q');
  const {code} = await screen.ended();
  console.log(
    `${inputs} inputs in ${minutes} minutes, seed ${values.seed}: no crash, ${quits} quits, exit code ${code}`,
  );
  console.log(`slowest way back to the overview: ${Math.round(slowestMs)} ms`);
  report(bytes);
  process.exitCode = code === 0 ? 0 : 1;
} catch (error) {
  console.log(`failed after ${inputs} inputs, seed ${values.seed}; the last inputs: ${last.join(' ')}`);
  console.log(screen.raw().slice(-4000));
  console.log(error);
  process.exitCode = 1;
} finally {
  await screen[Symbol.asyncDispose]();
  load.stop();
}
