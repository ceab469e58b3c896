import {type ChildProcess, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {performance} from 'node:perf_hooks';
import {buildSync} from 'esbuild';
import {mb, median, ms as milliseconds} from './figure.js';

/** The environment of measured programs: none of the operator's own, and no bundle of certificates to parse at each start. */
export function benchEnvironment(folder: string): Record<string, string> {
  const {PATH = ''} = process.env;
  return {PATH, HOME: folder, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder, NO_COLOR: '1'};
}

export interface Run {
  readonly ms: number;
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly out: string;
}

/** A folder that is removed at the end. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'gatectl-bench-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Bundles a program of this folder, so that running it costs no bundling; where the file is. */
export function bundled(name: string): string {
  const outfile = path.resolve('node_modules', '.gatectl-bench', `${name}.mjs`); // packages are found from here
  buildSync({
    entryPoints: [path.join('test', 'bench', `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
  return outfile;
}

export const program = path.resolve('bin/gatectl.js');

/** Runs Node to its end. `keep` gives what it wrote; without it that goes to /dev/null, as when nobody holds it up. */
export function runNode(
  argv: readonly string[],
  folder: string,
  {keep = false, env = {}}: {readonly keep?: boolean; readonly env?: Record<string, string>} = {},
): Run {
  const usage = path.join(folder, 'usage.json');
  const none = openSync('/dev/null', 'w');
  const started = performance.now();
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    ['--require', path.resolve('test/bench/rusage.cjs'), ...argv],
    {
      env: {...benchEnvironment(folder), ...env, GATECTL_BENCH_USAGE: usage},
      stdio: ['ignore', keep ? 'pipe' : none, 'pipe'],
      maxBuffer: 2 ** 30,
      timeout: 300_000, // a program that waits for ever is a failure
    },
  );
  const ms = performance.now() - started;
  closeSync(none);
  if (status !== 0)
    throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr.toString().slice(0, 2000)}`);
  const {cpuMs, rssBytes} = JSON.parse(readFileSync(usage, 'utf8')) as Pick<Run, 'cpuMs' | 'rssBytes'>;
  return {ms, cpuMs, rssBytes, out: stdout?.toString() ?? ''};
}

/** The median of the ratios of what ran in the same round. */
export function paired(runs: readonly Run[], floor: readonly Run[], of: 'ms' | 'cpuMs' = 'ms'): number {
  return median(runs.map((run, at) => run[of] / (floor[at]?.[of] ?? Number.NaN)));
}

/** Medians of time, processor time and memory. */
export function about(runs: readonly Run[]): string {
  const [wall, cpu] = [runs.map(({ms}) => ms), runs.map(({cpuMs}) => cpuMs)].map((all) =>
    milliseconds(median(all)),
  );
  return `${wall}, CPU ${cpu}, RSS ${mb(median(runs.map(({rssBytes}) => rssBytes)))}`;
}

/** A process of ours that says a line of JSON when it is ready, and ends with its stdin. */
export class BenchProcess<Ready = unknown> {
  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: Lines,
    readonly ready: Ready,
  ) {}

  get pid(): number {
    return this.child.pid ?? 0;
  }

  static async start<Ready = unknown>(command: readonly string[]): Promise<BenchProcess<Ready>> {
    const [file = '', ...argv] = command;
    const child = spawn(file, argv, {stdio: ['pipe', 'pipe', 'inherit']});
    const lines = new Lines(child);
    return new BenchProcess(child, lines, JSON.parse(await lines.next()) as Ready);
  }

  /** Says a line to it and resolves with the line that it answers. */
  async ask<Answer>(line: string): Promise<Answer> {
    this.child.stdin?.write(`${line}\n`);
    return await this.next<Answer>();
  }

  /** The next line that it says. */
  async next<Answer>(): Promise<Answer> {
    return JSON.parse(await this.lines.next()) as Answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.stdin?.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await exit;
    clearTimeout(timer);
  }
}

/** Memory that a process has at hand now. */
export function rssBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** The lines that a process says, each asked for once. */
class Lines {
  private readonly said: string[] = [];
  private rest = '';
  private wake = (): void => {};
  private ended: string | undefined;

  constructor(child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => {
      const lines = (this.rest + chunk.toString()).split('\n');
      this.rest = lines.pop() ?? '';
      this.said.push(...lines);
      this.wake();
    });
    child.once('close', (code) => {
      this.ended = `${child.spawnargs.join(' ')} ended with ${code}`;
      this.wake();
    });
  }

  async next(): Promise<string> {
    for (;;) {
      const line = this.said.shift();
      if (line !== undefined) return line;
      if (this.ended !== undefined) throw new Error(this.ended);
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }
}
