const everyMs = 1000;
/** Limits memory use; there are far fewer reasons. */
const maxReasons = 32;

/** Logs how many connections the gate closed and why, at most one line per second. */
export class CloseLog {
  private readonly counts = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly log: (line: string) => void) {}

  count(why: string): void {
    const reason = this.counts.has(why) || this.counts.size < maxReasons ? why : 'other reasons';
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    this.timer ??= setTimeout(() => this.flush(), everyMs).unref();
  }

  /** Logs counts that have not been logged yet. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.counts.size === 0) return;
    const reasons = [...this.counts].map(([why, count]) => `${count} × ${why}`);
    this.counts.clear();
    this.log(`closed: ${reasons.join('; ')}`);
  }
}
