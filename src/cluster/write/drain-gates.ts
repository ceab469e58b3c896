import {setTimeout as sleep} from 'node:timers/promises';
import {NegativeError} from '../../base/errors.js';
import type {Selector} from '../../selector/selector.js';
import type {GateStats} from '../../session/gate-api.js';
import type {GateServiceState} from '../../session/gate-health.js';
import type {Cluster} from '../cluster.js';
import {incompleteError} from '../incomplete-error.js';
import type {DrainPlan, GateToDrain} from './drain-plan.js';
import type {TargetOutcome} from './paced-writes.js';
import {ReconnectThrottle} from './reconnect-throttle.js';
import {selectTargets} from './select-targets.js';

export interface DrainOptions {
  readonly cluster: Cluster;
  readonly plan: DrainPlan;
  /** Evictions per second on each gate; 0 for no limit. */
  readonly rate: number;
  /** False to refuse new sessions only. */
  readonly evict?: boolean | undefined;
  /** Evicts only matching sessions. The others stay until they match or their clients leave. */
  readonly where?: Selector | undefined;
  readonly maxConnects: number;
  /** Stops the drain after this many sessions could not be closed. */
  readonly maxErrors: number;
  /** Stops evicting. The gates continue to refuse new sessions. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: DrainProgress) => void;
  /** Called with the reason when a pause begins, and with undefined when it ends. */
  readonly onPause: (why: string | undefined) => void;
}

interface DrainProgress {
  /** Number of sessions on all gates when the drain began. */
  readonly sessions: number;
  readonly evicted: number;
  /** Number of sessions at the last count. */
  readonly left: number;
}

/** State of a gate at the end of a drain. */
export interface DrainedGate {
  readonly gate: string;
  /** `serving`: the gate takes new sessions, because it can't refuse them. */
  readonly state: 'drained' | GateServiceState;
  /** Number of sessions when the drain began; undefined for a gate that can't list its sessions. */
  readonly sessions: number | undefined;
  readonly evicted: number;
  /** Number of sessions that were not closed, or whose closing was not confirmed. */
  readonly failed: number;
  readonly left: number | undefined;
}

/** Interval at which sessions are counted, in milliseconds. */
const pollMs = 500;
/** Number of consecutive polls without an answer after which the drain fails. */
const maxSilentPolls = 6;
/** How long to wait until a closed session is gone, in milliseconds. A stock gate may take longer. */
const closeWaitMs = 5000;

/**
 * Makes gates refuse new sessions, evicts theirs at a steady rate, and resolves when they are empty or the signal
 * aborts. On a gate that can't refuse sessions, each session is evicted only once. Rejects with PartialError for a
 * gate that does not answer, and with NegativeError for one that accepts sessions again.
 */
export async function drainGates(options: DrainOptions): Promise<readonly DrainedGate[]> {
  return await new DrainRun(options).run();
}

interface Tally {
  evicted: number;
  failed: number;
  left: number | undefined;
}

class DrainRun {
  private readonly tallies: ReadonlyMap<string, Tally>;
  private readonly refusing: readonly string[];
  private readonly ended = new AbortController();
  private readonly throttle: ReconnectThrottle;
  private silentPolls = 0;

  constructor(private readonly options: DrainOptions) {
    const {plan, cluster, rate, maxConnects, onPause, signal} = options;
    this.tallies = new Map(
      plan.gates.map(({gate, sessions}) => [gate, {evicted: 0, failed: 0, left: sessions}]),
    );
    this.refusing = plan.gates.filter(({canRefuse}) => canRefuse).map(({gate}) => gate);
    const ends = AbortSignal.any([signal, this.ended.signal]);
    this.throttle = new ReconnectThrottle({
      ...{cluster, others: plan.others, maxConnects, onPause, signal: ends},
      wanted: rate * plan.gates.length,
    });
  }

  async run(): Promise<readonly DrainedGate[]> {
    const {plan, maxErrors, signal, evict = true} = this.options;
    try {
      await this.refuseSessions();
      let gates = plan.gates.map(({gate}) => gate);
      while (evict && !signal.aborted && gates.length > 0) {
        await this.evict(gates);
        await this.count();
        gates = this.refusing.filter((gate) => this.tallies.get(gate)?.left !== 0);
        if (this.failed >= maxErrors) break;
        if (gates.length > 0) await sleep(pollMs, undefined, {signal}).catch(() => {});
      }
      return plan.gates.map((gate) => this.resultOf(gate));
    } finally {
      this.ended.abort();
    }
  }

  private get failed(): number {
    return [...this.tallies.values()].reduce((sum, {failed}) => sum + failed, 0);
  }

  private async refuseSessions(): Promise<void> {
    if (this.refusing.length === 0) return;
    const set = await this.options.cluster.each((gate) => gate.setDraining(true), {gates: this.refusing});
    if (set.outcomes.some(({status}) => status === 'failed'))
      throw incompleteError('cannot drain', set.outcomes, {
        hint: 'the other gates refuse new sessions now: gatectl gates list',
      });
  }

  private async evict(gates: readonly string[]): Promise<void> {
    const {cluster, where, rate, maxErrors, signal} = this.options;
    const {targets} = await selectTargets(cluster, {gates, where, signal});
    if (targets.length === 0) return;
    const kick = {verb: 'kick', waitMs: closeWaitMs} as const;
    const evicted = new AbortController();
    const ends = AbortSignal.any([signal, evicted.signal]);
    const refusal = this.watchRefusing(ends, evicted).catch((error: unknown) => error);
    const pace = {
      rate,
      maxErrors: maxErrors - this.failed,
      signal: ends,
      onBegin: () => this.throttle.ready(),
    };
    try {
      for await (const outcome of cluster.writeAll(targets, kick, pace)) this.add(outcome);
    } finally {
      evicted.abort();
    }
    const fault = await refusal;
    if (fault !== undefined) throw fault;
  }

  /** Aborts `evictions`, and rejects, as soon as a gate accepts sessions again: another operator may have resumed it. */
  private async watchRefusing(signal: AbortSignal, evictions: AbortController): Promise<void> {
    const {cluster} = this.options;
    while (this.refusing.length > 0 && !signal.aborted) {
      await sleep(pollMs, undefined, {signal}).catch(() => {});
      if (signal.aborted) return;
      const {results} = await cluster.stats(this.refusing);
      const accepting = [...results].find(([, {state}]) => state !== 'draining');
      if (accepting === undefined) continue;
      evictions.abort();
      throw acceptsAgain(...accepting);
    }
  }

  private add({node, state}: TargetOutcome): void {
    const tally = this.tallies.get(node);
    if (tally === undefined) return;
    if (state === 'done' || state === 'gone') {
      if (state === 'done') tally.evicted += 1;
      if (tally.left !== undefined) tally.left = Math.max(0, tally.left - 1);
    } else tally.failed += 1;
    this.report();
  }

  /** Counts the sessions left on each gate. Throws if a gate accepts sessions again: it would never be empty. */
  private async count(): Promise<void> {
    if (this.refusing.length === 0) return;
    const {results, outcomes} = await this.options.cluster.stats(this.refusing);
    this.silentPolls = results.size === this.refusing.length ? 0 : this.silentPolls + 1;
    if (this.silentPolls >= maxSilentPolls) throw incompleteError('cannot finish the drain', outcomes);
    for (const [gate, stats] of results) {
      if (stats.state !== 'draining') throw acceptsAgain(gate, stats);
      const tally = this.tallies.get(gate);
      if (tally !== undefined) tally.left = stats.sessions;
    }
    this.report();
  }

  private report(): void {
    let [sessions, evicted, left] = [0, 0, 0];
    for (const gate of this.options.plan.gates) sessions += gate.sessions ?? 0;
    for (const tally of this.tallies.values()) {
      evicted += tally.evicted;
      left += tally.left ?? 0;
    }
    this.options.onProgress({sessions, evicted, left});
  }

  private resultOf({gate, sessions, canRefuse}: GateToDrain): DrainedGate {
    const {evicted = 0, failed = 0, left} = this.tallies.get(gate) ?? {};
    const refusing = left === 0 ? 'drained' : 'draining';
    return {gate, state: canRefuse ? refusing : 'serving', sessions, evicted, failed, left};
  }
}

const acceptsAgain = (gate: string, {sessions}: GateStats): NegativeError =>
  new NegativeError(
    `drain stopped: ${gate} was restarted or resumed and accepts new sessions: it has ${sessions}`,
    {hint: `gatectl gates drain ${gate}`},
  );
