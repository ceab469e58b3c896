import cluster, {type Worker} from 'node:cluster';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import {onAbort} from '../../base/abort-signals.js';
import {ExitCode, UsageError} from '../../base/errors.js';
import type {GateConfig} from './gate-config.js';

interface GateProcessesOptions {
  readonly count: number;
  /** Base of the gates' ids, to which `-1`, `-2` … are appended. */
  readonly id: string;
  /** Stops all processes gracefully. */
  readonly signal: AbortSignal;
  /** Registers a function to call when all processes must reload their config. */
  readonly onReload: (listener: () => void) => () => void;
  readonly log: (line: string) => void;
}

/** A process that has run for this long counts as stable: its restart delay is reset. */
const steadyMs = 60_000;
const firstPauseMs = 200;
const maxPauseMs = 30_000;

/** Throws UsageError for settings that work only with a single process. */
export function checkMultiProcessConfig({store, sameClientId}: GateConfig): void {
  if (store?.toLowerCase().startsWith('memory:'))
    throw new UsageError(`the store "${store}" cannot be shared by several processes`, {
      hint: 'use file:, redis: or jetstream:, or one process',
    });
  if (sameClientId === 'take-over')
    throw new UsageError(
      '--same-client-id take-over requires a single process: each process knows only its own clients',
      {
        hint: 'remove either --same-client-id or --processes',
      },
    );
}

/**
 * Runs `gate run` in several processes that accept connections on the same ports. Each process is a gate of its own,
 * and no traffic passes through this process. A process that exits is restarted with the same id. Resolves with the
 * highest exit code when all have ended, after the signal or because one failed to start.
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
  await Promise.race([first.serving, ...running]); // starts one first, so that an error that affects all of them is reported once
  running.push(...others.map(keep));
  return Math.max(...(await Promise.all(running)));
}

/** A gate process that is restarted when it exits. */
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

  /**
   * Runs the process, and restarts it until it is stopped or fails its first start. Resolves with its last exit code.
   */
  async run(): Promise<number> {
    let code: number = ExitCode.done;
    while (!this.stopped.signal.aborted) {
      code = await this.live();
      if (!this.hasServed) return code;
    }
    return code;
  }

  reload(): void {
    if (this.serves) this.worker?.send('reload', () => {}); // it may have just exited
  }

  stop(): void {
    this.stopped.abort();
    if (this.serves)
      this.worker?.send('stop', () => {}); // it may have just exited
    else this.worker?.kill();
  }

  /** Runs the process until it exits, and waits before its restart. Resolves with the exit code. */
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
    const isStoppedByUs = this.stopped.signal.aborted && !this.serves;
    this.serves = false;
    if (this.hasServed && !this.stopped.signal.aborted)
      await this.pause(signal ?? `exit code ${code}`, performance.now() - startedAt);
    return code ?? (isStoppedByUs ? ExitCode.done : ExitCode.bug);
  }

  private async pause(why: string, uptimeMs: number): Promise<void> {
    if (uptimeMs >= steadyMs) this.failures = 0;
    const pauseMs = Math.min(firstPauseMs * 2 ** this.failures, maxPauseMs);
    this.failures += 1;
    this.log(`gate ${this.id} exited (${why}), restarting in ${pauseMs / 1000} s`);
    await delay(pauseMs, undefined, {signal: this.stopped.signal}).catch(() => {});
  }
}
