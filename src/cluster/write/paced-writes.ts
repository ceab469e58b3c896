import {onAbort} from '../../base/abort-signals.js';
import {GatectlError, NoSessionError, OutcomeUnknownError} from '../../base/errors.js';
import {batchesOfRows} from '../../session/fast/row-batch.js';
import {RowCursor} from '../../session/fast/row-cursor.js';
import type {LocatedRow} from '../result-types.js';
import type {PollClock} from './session-writes.js';

/** A target of a bulk write. It is identified by its session id, so a client that reconnects is another target. */
export interface Target {
  readonly node: string;
  readonly id: string;
  readonly uid: string;
  /** The uid to bind the session to. */
  readonly bindTo?: string | undefined;
  /** The revision that the record had when the write was planned. */
  readonly revision?: string | undefined;
}

/**
 * How the write to a target ended. `done`: as requested, and verified if possible. `pending`: accepted but not yet
 * completed. `gone`: the session had closed. `unknown`: sent but not answered.
 */
export type TargetState = 'done' | 'pending' | 'gone' | 'failed' | 'unknown';

/** Result of the write to one target. */
export interface TargetResult {
  readonly state: TargetState;
  readonly detail?: string | undefined;
}

export interface TargetOutcome extends Target, TargetResult {}

export interface BulkOptions {
  readonly targets: readonly Target[];
  /** Writes to targets of one gate. Resolves with their results, in the same order. Rejects only for a bug. */
  readonly act: (targets: readonly Target[]) => Promise<readonly TargetResult[]>;
  /** Called and awaited before each write. If it rejects, nothing more is sent. */
  readonly onBegin?: ((targets: readonly Target[]) => Promise<void>) | undefined;
  /** Maximum number of targets per write. */
  readonly batch: number;
  /** Writes per second per gate; 0 for no limit. */
  readonly rate: number;
  /** Stops after this many failed or unknown targets. */
  readonly maxErrors: number;
  readonly signal: AbortSignal;
  readonly clock: PollClock;
}

/** Maximum number of concurrent writes per gate. */
const maxUnderWay = 200;
/** How far a gate's writes may catch up after a pause, such as a suspended process; more would be a burst. */
const catchUpMs = 100;
/** How long to wait for pending replies after a stop, in milliseconds. */
const graceMs = 800;

/** The gate, id and uid of a session. */
export interface SessionIdRow {
  readonly node: string;
  readonly session: Pick<LocatedRow['session'], 'sessionId' | 'userId'>;
}

/** Calls `take` for each row of a listing. Encoded rows are read in place, so a row is valid only during the call. */
export async function forEachSessionRow(
  rows: AsyncIterable<LocatedRow>,
  take: (row: SessionIdRow) => void,
): Promise<void> {
  for await (const batch of batchesOfRows(rows)) {
    const {encoded} = batch; // `rows` of an encoded batch would decode it
    if (encoded === undefined) for (const row of batch.rows) take(row);
    else {
      const cursor = new RowCursor(encoded.rows);
      for (let index = 0; index < encoded.rows.count; index += 1) {
        cursor.seek(index);
        take({node: encoded.node, session: cursor.session});
      }
    }
  }
}

export const targetOfRow = ({node, session}: SessionIdRow): Target => ({
  node,
  id: copied(session.sessionId),
  uid: copied(session.userId),
});

/** Copies a string. It may be a slice of its row or page, which it would keep in memory. */
const copied = (text: string): string => Buffer.from(text).toString();

/**
 * Writes to many sessions at a steady rate per gate, and yields outcomes as they arrive. If the signal aborts or too
 * many targets fail, starts nothing more; targets without a reply soon after are `unknown`.
 */
export async function* runPacedWrites(options: BulkOptions): AsyncGenerator<TargetOutcome, void, undefined> {
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
  /**
   * Functions that end the lanes' pauses. Racing each pause with `stopping` would leave a reaction on that promise
   * every time.
   */
  private readonly pauses = new Set<() => void>();
  private wake: () => void = () => {};
  private failure: {readonly error: unknown} | undefined;

  constructor(private readonly options: BulkOptions) {}

  async *outcomes(): AsyncGenerator<TargetOutcome, void, undefined> {
    const {signal} = this.options;
    const unlisten = onAbort(signal, () => this.stop());
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
      unlisten();
    }
  }

  private stop(): void {
    this.stopped = true;
    this.markStopped();
    for (const end of [...this.pauses]) end();
    this.wake();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /** Writes to the targets of one gate, in order and at a steady rate. */
  private async lane(targets: readonly Target[]): Promise<void> {
    const {rate, batch, clock} = this.options;
    let due = clock.now();
    let count = 0;
    let freed = (): void => {};
    for (let at = 0; at < targets.length; at += batch) {
      if (rate > 0) {
        const early = due - clock.now();
        if (early > 0) await this.pause((end) => void clock.wait(early).then(end));
        due = Math.max(due, clock.now() - catchUpMs) + (batch * 1000) / rate;
      }
      while (count >= maxUnderWay && !this.stopped)
        await this.pause((end) => {
          freed = end;
        });
      if (this.stopped) return;
      const some = targets.slice(at, at + batch);
      if (!(await this.begin(some))) return;
      const writing = this.write(some).finally(() => {
        count -= 1;
        this.underWay.delete(some);
        freed();
      });
      writing.catch(() => {}); // handled in `settled`
      count += 1;
      this.underWay.set(some, writing);
    }
  }

  /** Resolves when `begin` calls its argument, or when the run stops. */
  private async pause(begin: (end: () => void) => void): Promise<void> {
    if (this.stopped) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        this.pauses.delete(end);
        resolve();
      };
      this.pauses.add(end);
      begin(end);
    });
  }

  /**
   * Announces targets with `onBegin`. Returns false if nothing more may be sent. Announced targets are sent even
   * after a stop.
   */
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
    if (!this.underWay.has(targets) && this.stopped) return; // already reported as unknown
    for (const [at, target] of targets.entries()) {
      const {state, detail} = acted[at] ?? {state: 'unknown', detail: 'the gate did not report a result'};
      if (state === 'failed' || state === 'unknown') this.errors += 1;
      this.ready.push({...target, state, detail});
    }
    if (this.errors >= this.options.maxErrors) this.stop();
    this.wake();
  }

  /** Waits for all pending writes or, after a stop, for replies within the grace period. */
  private async settled(): Promise<void> {
    const {clock} = this.options;
    const answered = Promise.all(this.underWay.values());
    await Promise.race([answered, this.stopping]);
    if (this.underWay.size === 0) return;
    await Promise.race([answered, clock.wait(graceMs)]);
    for (const targets of [...this.underWay.keys()]) {
      this.underWay.delete(targets);
      for (const target of targets)
        this.ready.push({...target, state: 'unknown', detail: 'stopped before the gate replied'});
    }
  }
}

/** Converts an error to a target's result. Rethrows errors that indicate a bug. */
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
