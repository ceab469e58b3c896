const everyMs = 1000;
/** Reasons are texts of ours, and few; more would be a mistake that must not cost memory. */
const maxReasons = 32;

/** Says how many connections the gate itself has ended, and why: a line a second at most, however many they are. */
export class Closings {
  private readonly counts = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly log: (line: string) => void) {}

  note(why: string): void {
    const reason = this.counts.has(why) || this.counts.size < maxReasons ? why : 'other reasons';
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
    this.timer ??= setTimeout(() => this.tell(), everyMs).unref();
  }

  /** What has not been said yet. */
  tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.counts.size === 0) return;
    const reasons = [...this.counts].map(([why, count]) => `${count} × ${why}`);
    this.counts.clear();
    this.log(`closed: ${reasons.join('; ')}`);
  }
}
