import cluster, {type Worker} from 'node:cluster';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {ExitCode, UsageError} from '../../base/errors.js';
import type {GateConfig} from './gate-config.js';

export interface GateProcessesOptions {
  readonly count: number;
  /** The gates' ids are this with `-1`, `-2` … behind it. */
  readonly id: string;
  /** Ends all of them in order. */
  readonly signal: AbortSignal;
  /** Has its argument called when all of them are to read their config again. */
  readonly onReload: (listener: () => void) => () => void;
  readonly log: (line: string) => void;
}

/** A process that has lived so long and then ends is started again as if it were the first time. */
const steadyMs = 60_000;
const firstPauseMs = 200;
const longestPauseMs = 30_000;

/** Throws UsageError for what only a gate that has its port to itself can keep. */
export function checkForProcesses({store, sameClientId}: GateConfig): void {
  if (store?.toLowerCase().startsWith('memory:'))
    throw new UsageError(`the store "${store}" can't be shared by several processes`, {
      hint: 'use file:, redis: or jetstream:, or one process',
    });
  if (sameClientId === 'take-over')
    throw new UsageError('--same-client-id take-over needs one process: each knows its own clients alone', {
      hint: 'leave out one of --same-client-id and --processes',
    });
}

/**
 * Runs this program's `gate run` as several processes, each a gate of its own, that listen on the same ports: all accept
 * on one socket, and nothing goes through this process. One that ends is started again under its id. Resolves with the
 * worst exit code once all have ended: after the signal, or when one could not start at all.
 */
export async function runGateProcesses(options: GateProcessesOptions): Promise<number> {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
  const argv = cluster.settings.args ?? [];
  const all = Array.from({length: options.count}, (_, at) => {
    const id = `${options.id}-${at + 1}`;
    return new KeptProcess(id, [...argv, '--processes', '1', '--id', id], options.log); // the last of a flag counts
  });
  const stopAll = (): void => {
    for (const one of all) one.stop();
  };
  options.signal.addEventListener('abort', stopAll);
  if (options.signal.aborted) stopAll();
  options.onReload(() => {
    for (const one of all) one.reload();
  });
  const keep = (one: KeptProcess): Promise<number> => one.run().finally(stopAll);
  const [first, ...others] = all as [KeptProcess, ...KeptProcess[]];
  const running = [keep(first)];
  await Promise.race([first.serving, ...running]); // what is wrong with all of them is said once
  running.push(...others.map(keep));
  return Math.max(...(await Promise.all(running)));
}

/** The process of one gate. */
class KeptProcess {
  /** Resolves when it serves for the first time. */
  readonly serving: Promise<void>;
  private readonly stopped = new AbortController();
  private worker: Worker | undefined;
  private serves = false;
  private hasServed = false;
  private failures = 0;
  private onServing = (): void => {};

  constructor(
    private readonly id: string,
    private readonly argv: readonly string[],
    private readonly log: (line: string) => void,
  ) {
    this.serving = new Promise((resolve) => {
      this.onServing = resolve;
    });
  }

  /** Starts it until it is stopped, or could not serve the first time; resolves with its last exit code. */
  async run(): Promise<number> {
    let code: number = ExitCode.done;
    while (!this.stopped.signal.aborted) {
      code = await this.live();
      if (!this.hasServed) return code;
    }
    return code;
  }

  reload(): void {
    if (this.serves) this.worker?.send('reload', () => {}); // it may have ended just now
  }

  stop(): void {
    this.stopped.abort();
    if (this.serves)
      this.worker?.send('stop', () => {}); // it may have ended just now
    else this.worker?.kill();
  }

  /** From a start to the end, and the pause after it. */
  private async live(): Promise<number> {
    const startedAt = performance.now();
    cluster.setupPrimary({args: [...this.argv]});
    const worker = cluster.fork();
    this.worker = worker;
    worker.once('message', () => {
      this.serves = true;
      this.hasServed = true;
      this.onServing();
    });
    const [code, signal] = (await once(worker, 'exit')) as [number | null, string | null];
    const isOurDoing = this.stopped.signal.aborted && !this.serves;
    this.serves = false;
    if (this.hasServed && !this.stopped.signal.aborted)
      await this.pause(signal ?? `exit code ${code}`, performance.now() - startedAt);
    return code ?? (isOurDoing ? ExitCode.done : ExitCode.bug);
  }

  private async pause(why: string, livedMs: number): Promise<void> {
    if (livedMs >= steadyMs) this.failures = 0;
    const pauseMs = Math.min(firstPauseMs * 2 ** this.failures, longestPauseMs);
    this.failures += 1;
    this.log(`gate ${this.id} ended (${why}), starting it again in ${pauseMs / 1000} s`);
    await delay(pauseMs, undefined, {signal: this.stopped.signal}).catch(() => {});
  }
}
