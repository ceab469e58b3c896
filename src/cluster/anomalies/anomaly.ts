import type {GateOutcome} from '../answers.js';

/** What is looked for; the words of `--checks`. */
export const anomalyChecks = [
  'duplicate-uid',
  'old-guest',
  'no-server',
  'ghost',
  'orphan',
  'undecodable',
] as const;

export type AnomalyCheck = (typeof anomalyChecks)[number];

/** `high` hurts users now, `medium` will or may, `low` is worth knowing. */
export const severities = ['high', 'medium', 'low'] as const;

export type Severity = (typeof severities)[number];

/** Something that should not be so. */
export interface Anomaly {
  readonly check: AnomalyCheck;
  readonly severity: Severity;
  /** A uid, or a session as `Gate@id/<session id>`. */
  readonly subject: string;
  /** For people; may hold remote text. */
  readonly evidence: string;
  /** The sessions it is about, as `Gate@id/<session id>`. */
  readonly sessions: readonly string[];
  /** Words of the command that shows more. */
  readonly next: readonly string[];
}

/** What became of one check. */
interface CheckSummary {
  readonly check: AnomalyCheck;
  /** All that were found, also those beyond what is kept; null when the check could not be made. */
  readonly found: number | null;
  /** Why it was not made, or is not the whole truth; empty when it is. */
  readonly note: string;
}

export interface AnomalyReport {
  /** The worst first. Of each check at most `mostKept`. */
  readonly anomalies: readonly Anomaly[];
  /** How many were found, those that were not kept too. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly checks: readonly CheckSummary[];
  readonly sessions: number;
  readonly records: number;
  /** One for every expected gate; failed when anything that was asked of it failed. */
  readonly outcomes: readonly GateOutcome[];
}

/** Findings of one check that are kept; the rest is counted. */
export const mostKept = 1000;

/** Keeps findings within the bound and counts them all. */
export class Findings {
  private readonly kept = new Map<AnomalyCheck, Anomaly[]>();
  private readonly counts = new Map<AnomalyCheck, number>();
  readonly bySeverity: Record<Severity, number> = {high: 0, medium: 0, low: 0};
  private readonly notes = new Map<AnomalyCheck, string[]>();
  private readonly unmade = new Set<AnomalyCheck>();

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
    if (kept.length < mostKept) kept.push(anomaly);
  }

  note(check: AnomalyCheck, text: string): void {
    this.notes.set(check, [...(this.notes.get(check) ?? []), text]);
  }

  /** Says of checks that they could not be made. */
  skip(checks: readonly AnomalyCheck[], why: string): void {
    for (const check of checks) {
      this.unmade.add(check);
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
      if (found > mostKept) notes.push(`${found} found, ${mostKept} of them kept`);
      return {check, found: this.unmade.has(check) ? null : found, note: notes.join('; ')};
    });
  }
}
