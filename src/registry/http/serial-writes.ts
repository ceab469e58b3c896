/** Runs the writes of a registration one after the other, so that the last one wins. */
export class SerialWrites {
  /** True if the last write failed: the registry may have an older record. */
  failed = false;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly run: () => Promise<void>) {}

  write(): Promise<void> {
    const writing = this.last.then(async () => {
      this.failed = true;
      await this.run();
      this.failed = false;
    });
    this.last = writing.catch(() => {}); // the caller gets the error
    return writing;
  }
}
