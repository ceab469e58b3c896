/** Between two batches are so many milliseconds at least. */
const batchMs = 100;

/** Things of a tenth of a second, handed on together. */
export class Batch<T> {
  private waiting: T[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly give: (things: readonly T[]) => void) {}

  add(thing: T): void {
    this.waiting.push(thing);
    this.timer ??= setTimeout(() => this.flush(), batchMs);
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
