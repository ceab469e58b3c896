import type {TextSink} from './io.js';

/** A person takes no notice of so short a delay, and a flood of lines is written in few pieces. */
const everyMs = 50;
/** With so much waiting the source has to wait too. */
const mostWaiting = 256 * 1024;

/** Lines of something that goes on: they leave the process soon after they came, whoever reads them. */
export class LiveLines {
  private waiting = '';
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private failure: {readonly error: unknown} | undefined;

  constructor(private readonly out: TextSink) {}

  /** Resolves when there is room for more. Rejects with what kept earlier lines from being written. */
  async add(text: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure.error;
    this.waiting += text;
    if (this.waiting.length >= mostWaiting) return await this.flush();
    this.timer ??= setTimeout(() => {
      this.flush().catch((error: unknown) => {
        this.failure ??= {error};
      });
    }, everyMs);
  }

  /** All that was added has left the process. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.waiting;
    this.waiting = '';
    this.writing = this.writing.then(async () => {
      await this.out.write(text);
      await this.out.flush();
    });
    await this.writing;
  }
}
