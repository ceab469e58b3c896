// Coverage-guided fuzzing of everything that meets remote bytes: npm run fuzz -- --seconds 60 [--target name]
// [--jobs 2] [--seed n] [--budget seconds for all targets together]. Findings are saved in test/fuzz/findings, and the exit code is 1 when there are any.
import {createHash} from 'node:crypto';
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {Worker} from 'node:worker_threads';
import {buildSync} from 'esbuild';
import {createInstrumenter} from 'istanbul-lib-instrument';

const {values} = parseArgs({
  options: {
    seconds: {type: 'string', default: '60'},
    target: {type: 'string', multiple: true},
    budget: {type: 'string'},
    jobs: {type: 'string', default: '2'},
    seed: {type: 'string', default: String(Date.now() % 1_000_000)},
  },
});
const seed = Number(values.seed);
const longest = 256 * 1024;
/** An input that takes longer is taken for a hang. */
const hangMs = 10_000;

function build(folder, name, instrumented) {
  const outfile = path.join(folder, `${name}.mjs`);
  buildSync({
    entryPoints: [`test/fuzz/${name}.ts`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    external: ['nats', 'ioredis', 'ink', 'react', 'esbuild'],
    mainFields: ['module', 'main'],
    banner: {js: "import {createRequire as r} from 'node:module'; const require = r(import.meta.url);"},
    logLevel: 'error',
  });
  if (instrumented) {
    const instrumenter = createInstrumenter({
      esModules: true,
      coverageVariable: '__fuzzCoverage__',
      coverageGlobalScope: 'globalThis',
      coverageGlobalScopeFunc: false,
    });
    writeFileSync(outfile, instrumenter.instrumentSync(readFileSync(outfile, 'utf8'), outfile));
  }
  return outfile;
}

function save(name, input, error) {
  mkdirSync('test/fuzz/findings', {recursive: true});
  const hash = createHash('sha256').update(input).digest('hex').slice(0, 12);
  const file = `test/fuzz/findings/${name}-${hash}`;
  writeFileSync(file, input);
  writeFileSync(`${file}.txt`, `${error}\n\n${input.toString('hex').slice(0, 10_000)}\n`);
  return file;
}

/** Runs one target; resolves with what came of it. */
function fuzz(worker, targets, name, seconds) {
  return new Promise((resolve) => {
    const shared = new SharedArrayBuffer(8 + longest);
    const counts = new Int32Array(shared, 0, 2);
    const findings = [];
    const thread = new Worker(worker, {
      workerData: {targets, name, seconds, seed, shared},
      resourceLimits: {maxOldGenerationSizeMb: 512},
    });
    const current = () => Buffer.from(new Uint8Array(shared, 8, counts[1]));
    const found = (input, error) => {
      const file = save(name, input, error);
      findings.push(file);
      console.log(`finding in ${name}: ${String(error).split('\n')[0]}\n  ${file}`);
    };
    let last = -1;
    const watch = setInterval(() => {
      if (counts[0] === last && last > 0) {
        found(current(), `no end after ${hangMs} ms`);
        void thread.terminate();
      }
      last = counts[0];
    }, hangMs);
    let done = {runs: 0, kept: 0, reached: 0};
    thread.on('message', (message) => {
      if (message.kind === 'done') done = message;
      else found(Buffer.from(message.input), message.error);
    });
    thread.on('error', (error) => found(current(), error.stack ?? error));
    thread.on('exit', () => {
      clearInterval(watch);
      resolve({name, findings, ...done, runs: done.runs || counts[0]});
    });
  });
}

const folder = mkdtempSync(path.resolve('node_modules', '.gatectl-fuzz-')); // packages are found from here
try {
  const targets = build(folder, 'targets', true);
  const worker = build(folder, 'worker', false);
  const {targetNames} = await import(targets);
  const unknown = (values.target ?? []).filter((name) => !targetNames.includes(name));
  if (unknown.length > 0) throw new Error(`no target "${unknown[0]}"; there are ${targetNames.join(', ')}`);
  const waiting = [...(values.target ?? targetNames)];
  const seconds =
    values.budget === undefined ? Number(values.seconds) : Number(values.budget) / waiting.length;
  const results = [];
  await Promise.all(
    Array.from({length: Number(values.jobs)}, async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const result = await fuzz(worker, targets, name, seconds);
        results.push(result);
        const {runs, kept, reached, findings} = result;
        console.log(
          `${name.padEnd(12)} ${String(runs).padStart(9)} runs, ${kept} inputs kept, ${reached} statements reached, ${findings.length} findings`,
        );
      }
    }),
  );
  const runs = results.reduce((sum, one) => sum + one.runs, 0);
  const findings = results.flatMap((one) => one.findings);
  console.log(
    `${runs} runs of ${results.length} targets, ${seconds.toFixed(1)} s each, seed ${seed}: ${findings.length} findings`,
  );
  process.exitCode = findings.length > 0 || results.some((one) => one.runs === 0) ? 1 : 0;
} finally {
  rmSync(folder, {recursive: true, force: true});
}
