import type {Target, TargetOutcome, TargetState} from '../cluster/cluster.js';
import {formatCount} from '../output/text/humanize.js';

type Counts = Record<TargetState, number>;

const noCounts: Readonly<Counts> = {done: 0, pending: 0, gone: 0, failed: 0, unknown: 0};

/** Counts the outcomes of a bulk write, in total and per gate. */
export class BulkTally {
  readonly counts: Counts = {...noCounts};
  private readonly gates = new Map<string, Counts & {asked: number}>();
  private reportedCount = 0;

  constructor(private readonly targets: readonly Target[]) {
    for (const {node} of targets) {
      const gate = this.gates.get(node) ?? {asked: 0, ...noCounts};
      gate.asked += 1;
      this.gates.set(node, gate);
    }
  }

  /** Number of targets without an outcome. */
  get unreported(): number {
    return this.targets.length - this.reportedCount;
  }

  add({node, state}: TargetOutcome): void {
    this.reportedCount += 1;
    this.counts[state] += 1;
    const gate = this.gates.get(node);
    if (gate !== undefined) gate[state] += 1;
  }

  /** Returns the counts for a JSON summary. */
  record() {
    return {
      targets: this.targets.length,
      ...this.counts,
      gates: [...this.gates].map(([node, counts]) => ({node, ...counts})),
    };
  }

  /** Returns the counts as text, such as `40 done, 2 gone`. */
  summary(): string {
    const states = (Object.keys(this.counts) as TargetState[]).filter((state) => this.counts[state] > 0);
    return states.map((state) => `${formatCount(this.counts[state])} ${state}`).join(', ') || '0 done';
  }

  /** Number of targets with an outcome. */
  get reported(): number {
    return this.reportedCount;
  }

  /** Returns a line for each gate with unfinished targets; empty if all targets are on one gate. */
  gateLines(): readonly string[] {
    if (this.gates.size < 2) return [];
    return [...this.gates]
      .filter(([, {asked, done}]) => done < asked)
      .map(([gate, {asked, done}]) => `${gate}: ${formatCount(done)} of ${formatCount(asked)} done`);
  }
}
