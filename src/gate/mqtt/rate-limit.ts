/** A token bucket: so many a second on average, as many at once. */
export class RateLimit {
  private tokens: number;

  constructor(
    private readonly perSecond: number,
    private takenAt: number,
  ) {
    this.tokens = perSecond;
  }

  /** False when there is none left. */
  take(now: number): boolean {
    const elapsed = Math.max(0, now - this.takenAt);
    this.takenAt = now;
    this.tokens = Math.min(this.perSecond, this.tokens + (elapsed * this.perSecond) / 1000);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
