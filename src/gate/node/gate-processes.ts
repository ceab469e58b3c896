import cluster, {type Worker} from 'node:cluster';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {ExitCode, UsageError} from '../../base/errors.js';
import {onAbort} from '../../base/signals.js';
import type {GateConfig} from './gate-config.js';

interface GateProcessesOptions {
  readonly count: number;
  /** Base of the gates' ids: `-1`, `-2` … are appended. */
  readonly id: string;
  /** Stops all processes gracefully. */
  readonly signal: AbortSignal;
  /** Registers a function that is called when all processes must reload their config. */
  readonly onReload: (listener: () => void) => () => void;
  readonly log: (line: string) => void;
}

/** After this uptime a process counts as stable: its restart delay starts over. */
const steadyMs = 60_000;
const firstPauseMs = 200;
const longestPauseMs = 30_000;

/** Throws UsageError for settings that work with a single process only. */
export function checkForProcesses({store, sameClientId}: GateConfig): void {
  if (store?.toLowerCase().startsWith('memory:'))
    throw new UsageError(`the store "${store}" cannot be shared by several processes`, {
      hint: 'use file:, redis: or jetstream:, or one process',
    });
  if (sameClientId === 'take-over')
    throw new UsageError(
      '--same-client-id take-over needs a single process: each process only knows its own clients',
      {
        hint: 'leave out one of --same-client-id and --processes',
      },
    );
}

/**
 * Runs `gate run` in several processes that accept connections on the same ports; each is a gate of its own,
 * and no traffic passes through this process. A process that exits is restarted under its id. Resolves with
 * the highest exit code when all have ended, because of the signal or because one failed to start.
 */
export async function runGateProcesses(options: GateProcessesOptions): Promise<number> {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({stdio: ['ignore', 'inherit', 'inherit', 'ipc']});
  const argv = cluster.settings.args ?? [];
  const all = Array.from({length: options.count}, (_, at) => {
    const id = `${options.id}-${at + 1}`;
    return new SupervisedProcess(id, [...argv, '--processes', '1', '--id', id], options.log); // the last occurrence of a flag wins
  });
  const stopAll = (): void => {
    for (const one of all) one.stop();
  };
  onAbort(options.signal, stopAll);
  options.onReload(() => {
    for (const one of all) one.reload();
  });
  const keep = (one: SupervisedProcess): Promise<number> => one.run().finally(stopAll);
  const [first, ...others] = all as [SupervisedProcess, ...SupervisedProcess[]];
  const running = [keep(first)];
  await Promise.race([first.serving, ...running]); // start one first, so that an error that affects all is reported once
  running.push(...others.map(keep));
  return Math.max(...(await Promise.all(running)));
}

/** One gate process, restarted when it exits. */
class SupervisedProcess {
  /** Resolves when the gate is ready for the first time. */
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

  /** Restarts the process until it is stopped or fails its first start. Resolves with its last exit code. */
  async run(): Promise<number> {
    let code: number = ExitCode.done;
    while (!this.stopped.signal.aborted) {
      code = await this.live();
      if (!this.hasServed) return code;
    }
    return code;
  }

  reload(): void {
    if (this.serves) this.worker?.send('reload', () => {}); // it may have exited just now
  }

  stop(): void {
    this.stopped.abort();
    if (this.serves)
      this.worker?.send('stop', () => {}); // it may have exited just now
    else this.worker?.kill();
  }

  /** One life of the process, and the pause before its restart. */
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
    this.log(`gate ${this.id} exited (${why}), restarting in ${pauseMs / 1000} s`);
    await delay(pauseMs, undefined, {signal: this.stopped.signal}).catch(() => {});
  }
}
