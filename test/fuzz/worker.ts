// One target in a thread of its own: mutates, runs, keeps what reaches something new, reports what breaks.
import {parentPort, workerData} from 'node:worker_threads';
import {seededRandom} from '../../src/dev/clients/seeded-random.js';
import {runChecked} from './checked.js';
import {Coverage} from './coverage.js';
import {mutated} from './mutate.js';
import {seedsOf} from './seeds.js';
import type {Target} from './target.js';

export interface WorkerData {
  readonly targets: string;
  readonly name: string;
  readonly seconds: number;
  readonly seed: number;
  /** The input under way, for the watch over it: count, length, bytes. */
  readonly shared: SharedArrayBuffer;
}

export type WorkerMessage =
  | {readonly kind: 'finding'; readonly input: Uint8Array; readonly error: string}
  | {readonly kind: 'done'; readonly runs: number; readonly kept: number; readonly reached: number};

const {targets, name, seconds, seed, shared} = workerData as WorkerData;
const counts = new Int32Array(shared, 0, 2);
const bytes = new Uint8Array(shared, 8);
const longest = bytes.length;
const maxHeapGrowth = 192 * 1024 * 1024;

const {target} = ((await import(targets)) as {targetNamed(name: string): {target: Target}}).targetNamed(name);
const coverage = new Coverage();
const random = seededRandom(seed);
const words = target.words.map((word) => (typeof word === 'string' ? Buffer.from(word) : word));
const corpus: Buffer[] = [...target.seeds, ...seedsOf(name)].map((one) => Buffer.from(one));
const known = new Set<string>();
let runs = 0;

const held = (): number => {
  const {heapUsed, external} = process.memoryUsage();
  return heapUsed + external;
};
const heldAtFirst = held();

function report(input: Buffer, error: unknown): void {
  const text = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error);
  const [place = ''] = /\n\s+at .*/.exec(text) ?? [];
  const kind = `${error instanceof Error ? error.constructor.name : ''}${place}`;
  if (known.has(kind) || known.size > 20) return;
  known.add(kind);
  parentPort?.postMessage({kind: 'finding', input, error: text} satisfies WorkerMessage);
}

async function run(input: Buffer): Promise<boolean> {
  bytes.set(input);
  counts[1] = input.length;
  Atomics.add(counts, 0, 1);
  runs += 1;
  coverage.reset();
  try {
    await runChecked(target, input);
  } catch (error) {
    report(await smaller(input), error);
    return false;
  }
  return coverage.isNew();
}

/** The same finding with as little as a few hundred cuts leave of it. */
async function smaller(input: Buffer): Promise<Buffer> {
  let best = input;
  const end = performance.now() + 2000;
  for (let size = Math.ceil(best.length / 2); size >= 1 && performance.now() < end; size = size >> 1) {
    for (let at = 0; at < best.length && performance.now() < end; ) {
      const shorter = Buffer.concat([best.subarray(0, at), best.subarray(at + size)]);
      const breaks = await runChecked(target, shorter).then(
        () => false,
        () => true,
      );
      if (breaks) best = shorter;
      else at += size;
    }
  }
  return best;
}

const choose = (): Buffer => corpus[Math.floor(random() ** 2 * corpus.length)] ?? Buffer.alloc(0);

for (const input of [...corpus]) await run(input);
const end = performance.now() + seconds * 1000;
while (performance.now() < end) {
  for (let some = 0; some < 200; some += 1) {
    const base = random() < 0.3 ? (corpus.at(-1 - Math.floor(random() * 32)) ?? choose()) : choose();
    const input = mutated(base, {random, words, other: choose(), longest: random() < 0.01 ? longest : 4096});
    if (await run(input)) corpus.push(input);
  }
  await new Promise(setImmediate);
  if (held() - heldAtFirst > maxHeapGrowth) {
    globalThis.gc?.();
    if (held() - heldAtFirst > maxHeapGrowth) {
      report(Buffer.alloc(0), new Error(`${Math.round(held() / 1e6)} MB are held after ${runs} inputs`));
      break;
    }
  }
}
parentPort?.postMessage({
  kind: 'done',
  runs,
  kept: corpus.length,
  reached: coverage.reached,
} satisfies WorkerMessage);
