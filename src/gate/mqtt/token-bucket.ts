/** A token bucket: `perSecond` tokens a second, with a burst of the same size. */
export class TokenBucket {
  private tokens: number;

  constructor(
    private readonly perSecond: number,
    private takenAt: number,
  ) {
    this.tokens = perSecond;
  }

  /** Takes a token; returns false if none is left. */
  take(now: number): boolean {
    const elapsed = Math.max(0, now - this.takenAt);
    this.takenAt = now;
    this.tokens = Math.min(this.perSecond, this.tokens + (elapsed * this.perSecond) / 1000);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
