/** Collects items and emits them together, `everyMs` milliseconds after the first. */
export class Batcher<T> {
  private waiting: T[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly give: (things: readonly T[]) => void,
    private readonly everyMs = 100,
  ) {}

  add(thing: T): void {
    this.waiting.push(thing);
    this.timer ??= setTimeout(() => this.flush(), this.everyMs);
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private flush(): void {
    this.timer = undefined;
    this.give(this.waiting.splice(0));
  }
}
