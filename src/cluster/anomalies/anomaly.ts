import type {GateOutcome} from '../result-types.js';

/** The checks, as named by `--checks`. */
export const anomalyChecks = [
  'duplicate-uid',
  'old-guest',
  'no-server',
  'stuck',
  'ghost',
  'orphan',
  'undecodable',
] as const;

export type AnomalyCheck = (typeof anomalyChecks)[number];

/** `high` affects users now, `medium` does or may, `low` is informational. */
export const severities = ['high', 'medium', 'low'] as const;

export type Severity = (typeof severities)[number];

/** An inconsistency among sessions and records. */
export interface Anomaly {
  readonly check: AnomalyCheck;
  readonly severity: Severity;
  /** A uid, or a session as `Gate@id/<session id>`. */
  readonly subject: string;
  /** Human-readable; may contain remote text. */
  readonly evidence: string;
  /** The sessions involved, as `Gate@id/<session id>`. */
  readonly sessions: readonly string[];
  /** The session among these that connected last; undefined if unknown. */
  readonly newest?: string | undefined;
  /** Arguments of the gatectl command that shows details. */
  readonly next: readonly string[];
}

/** Result of one check. */
interface CheckSummary {
  readonly check: AnomalyCheck;
  /** Number of anomalies found, including those not kept; null if the check did not run. */
  readonly found: number | null;
  /** Why the check did not run or is incomplete; empty otherwise. */
  readonly note: string;
}

export interface AnomalyReport {
  /** Sorted by severity, worst first. At most `maxAnomaliesPerCheck` per check. */
  readonly anomalies: readonly Anomaly[];
  /** Counts by severity, including anomalies that were not kept. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly checks: readonly CheckSummary[];
  readonly sessions: number;
  readonly records: number;
  /** One per expected gate; failed if any call to that gate failed. */
  readonly outcomes: readonly GateOutcome[];
}

/** Maximum number of anomalies kept per check. The rest are only counted. */
export const maxAnomaliesPerCheck = 1000;

/** Collects up to `maxAnomaliesPerCheck` anomalies per check, and counts all of them. */
export class AnomalyCollector {
  private readonly kept = new Map<AnomalyCheck, Anomaly[]>();
  private readonly counts = new Map<AnomalyCheck, number>();
  readonly bySeverity: Record<Severity, number> = {high: 0, medium: 0, low: 0};
  private readonly notes = new Map<AnomalyCheck, string[]>();
  private readonly skipped = new Set<AnomalyCheck>();

  constructor(private readonly wanted: readonly AnomalyCheck[]) {}

  wants(...checks: readonly AnomalyCheck[]): boolean {
    return checks.some((check) => this.wanted.includes(check));
  }

  add(anomaly: Anomaly): void {
    const {check} = anomaly;
    if (!this.wants(check)) return;
    this.counts.set(check, (this.counts.get(check) ?? 0) + 1);
    this.bySeverity[anomaly.severity] += 1;
    const kept = this.kept.get(check) ?? [];
    this.kept.set(check, kept);
    if (kept.length < maxAnomaliesPerCheck) kept.push(anomaly);
  }

  note(check: AnomalyCheck, text: string): void {
    this.notes.set(check, [...(this.notes.get(check) ?? []), text]);
  }

  /** Marks checks as not run, with the reason. */
  skip(checks: readonly AnomalyCheck[], why: string): void {
    for (const check of checks) {
      this.skipped.add(check);
      this.note(check, why);
    }
  }

  anomalies(): readonly Anomaly[] {
    const rank = ({severity}: Anomaly): number => severities.indexOf(severity);
    return this.wanted
      .flatMap((check) => this.kept.get(check) ?? [])
      .sort((left, right) => rank(left) - rank(right));
  }

  summaries(): readonly CheckSummary[] {
    return this.wanted.map((check) => {
      const found = this.counts.get(check) ?? 0;
      const notes = [...(this.notes.get(check) ?? [])];
      if (found > maxAnomaliesPerCheck) notes.push(`${found} found, ${maxAnomaliesPerCheck} of them kept`);
      return {check, found: this.skipped.has(check) ? null : found, note: notes.join('; ')};
    });
  }
}
