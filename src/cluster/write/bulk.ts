import {GatectlError, NoSessionError, OutcomeUnknownError} from '../../base/errors.js';
import type {LocatedRow} from '../answers.js';
import type {Clock} from './session-writes.js';

/** One of many sessions that a write goes to. It is named by its id: a reconnected client is another. */
export interface Target {
  readonly node: string;
  readonly id: string;
  readonly uid: string;
}

/**
 * What became of one target. `done`: as asked, and verified where the write can be; `pending`: the gate said yes and
 * it is not yet so; `gone`: the session was not there any more; `unknown`: sent, and never answered.
 */
export type TargetState = 'done' | 'pending' | 'gone' | 'failed' | 'unknown';

/** What became of one that was written to. */
export interface TargetResult {
  readonly state: TargetState;
  readonly detail?: string | undefined;
}

export interface TargetOutcome extends Target, TargetResult {}

export interface BulkOptions {
  readonly targets: readonly Target[];
  /** One write to some of one gate; resolves with what became of each, in their order. It rejects for a bug only. */
  readonly act: (targets: readonly Target[]) => Promise<readonly TargetResult[]>;
  /** Runs before each write; the write waits for it, and nothing is sent after it rejects. */
  readonly onBegin?: ((targets: readonly Target[]) => Promise<void>) | undefined;
  /** So many go in one write at most. */
  readonly batch: number;
  /** Writes a second on each gate; 0 for as fast as they are answered. */
  readonly rate: number;
  /** Stops after so many that failed or are unknown. */
  readonly maxErrors: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Writes under way at once on one gate, whatever the rate. */
const mostUnderWay = 200;
/** How far behind its pace a lane catches up: after a longer pause, as of a stopped process, there is no rush. */
const catchUpMs = 100;
/** After a stop, how long answers are waited for that are on their way (milliseconds). */
const graceMs = 800;

export const targetOf = ({node, session}: LocatedRow): Target => ({
  node,
  id: session.sessionId,
  uid: session.userId,
});

/**
 * Writes to many sessions, each gate at its own even pace, and gives the outcomes as they come. Ends when all have one;
 * when the signal is aborted or too many failed, nothing more is begun, and what is not answered soon is `unknown`.
 */
export async function* pacedWrites(options: BulkOptions): AsyncGenerator<TargetOutcome, void, undefined> {
  const run = new BulkRun(options);
  yield* run.outcomes();
}

class BulkRun {
  private readonly ready: TargetOutcome[] = [];
  private readonly underWay = new Map<readonly Target[], Promise<void>>();
  private errors = 0;
  private stopped = false;
  private markStopped: () => void = () => {};
  private readonly stopping = new Promise<void>((resolve) => {
    this.markStopped = resolve;
  });
  private wake: () => void = () => {};
  private failure: {readonly error: unknown} | undefined;

  constructor(private readonly options: BulkOptions) {}

  async *outcomes(): AsyncGenerator<TargetOutcome, void, undefined> {
    const {signal} = this.options;
    const stop = (): void => this.stop();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    let over = false;
    const lanes = [...byGate(this.options.targets).values()].map((targets) => this.lane(targets));
    void Promise.all(lanes)
      .then(() => this.settled())
      .catch((error: unknown) => {
        this.failure = {error};
      })
      .then(() => {
        over = true;
        this.wake();
      });
    try {
      while (!over || this.ready.length > 0) {
        const [...some] = this.ready.splice(0);
        yield* some;
        if (!over && this.ready.length === 0) await this.news();
      }
      if (this.failure !== undefined) throw this.failure.error;
    } finally {
      this.stop();
      signal.removeEventListener('abort', stop);
    }
  }

  private stop(): void {
    this.stopped = true;
    this.markStopped();
    this.wake();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** The targets of one gate, begun one write after the other, evenly in time. */
  private async lane(targets: readonly Target[]): Promise<void> {
    const {rate, batch, clock} = this.options;
    let due = clock.now();
    const mine = new Set<Promise<void>>();
    for (let at = 0; at < targets.length; at += batch) {
      if (rate > 0) {
        const early = due - clock.now();
        if (early > 0) await Promise.race([clock.wait(early), this.stopping]);
        due = Math.max(due, clock.now() - catchUpMs) + (batch * 1000) / rate;
      }
      while (mine.size >= mostUnderWay && !this.stopped) await Promise.race(mine);
      if (this.stopped) return;
      const some = targets.slice(at, at + batch);
      if (!(await this.begin(some))) return;
      const writing = this.write(some).finally(() => {
        mine.delete(writing);
        this.underWay.delete(some);
      });
      writing.catch(() => {}); // seen by `settled`
      mine.add(writing);
      this.underWay.set(some, writing);
    }
  }

  /** False after a failure, where nothing may be sent. What was announced is sent, also after a stop. */
  private async begin(targets: readonly Target[]): Promise<boolean> {
    try {
      await this.options.onBegin?.(targets);
      return true;
    } catch (error) {
      this.failure = {error};
      this.stop();
      return false;
    }
  }

  private async write(targets: readonly Target[]): Promise<void> {
    let acted: readonly TargetResult[];
    try {
      acted = await this.options.act(targets);
    } catch (error) {
      this.failure = {error};
      this.stop();
      return;
    }
    if (!this.underWay.has(targets) && this.stopped) return; // told to be unknown already
    for (const [at, target] of targets.entries()) {
      const {state, detail} = acted[at] ?? {state: 'unknown', detail: 'nothing was said of it'};
      if (state === 'failed' || state === 'unknown') this.errors += 1;
      this.ready.push({...target, state, detail});
    }
    if (this.errors >= this.options.maxErrors) this.stop();
    this.wake();
  }

  /** Once nothing more is begun: all that is under way, or after a stop what is answered within the grace. */
  private async settled(): Promise<void> {
    const {clock} = this.options;
    const answered = Promise.all(this.underWay.values());
    await Promise.race([answered, this.stopping]);
    if (this.underWay.size === 0) return;
    await Promise.race([answered, clock.wait(graceMs)]);
    for (const targets of [...this.underWay.keys()]) {
      this.underWay.delete(targets);
      for (const target of targets)
        this.ready.push({...target, state: 'unknown', detail: 'stopped before the gate had answered'});
    }
  }
}

/** What an error says of a target; one that nobody can act on is thrown on. */
export function targetResultOfError(error: unknown): TargetResult {
  if (!(error instanceof GatectlError)) throw error;
  if (error instanceof NoSessionError) return {state: 'gone'};
  const state = error instanceof OutcomeUnknownError ? 'unknown' : 'failed';
  return {state, detail: error.message};
}

function byGate(targets: readonly Target[]): Map<string, Target[]> {
  const gates = new Map<string, Target[]>();
  for (const target of targets) {
    const lane = gates.get(target.node);
    if (lane === undefined) gates.set(target.node, [target]);
    else lane.push(target);
  }
  return gates;
}
