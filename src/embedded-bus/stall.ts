import type {Socket} from 'node:net';

/** Pauses reading from a publisher, so that a slow consumer can catch up. */
export class Stall {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly maxMs: number,
  ) {}

  /** Pauses until the consumer's queue is empty, for at most `maxMs`. */
  until(consumer: Socket): void {
    if (this.timer !== undefined) return;
    const resume = () => {
      consumer.off('drain', resume);
      this.end();
      this.socket.resume();
    };
    this.socket.pause();
    this.timer = setTimeout(resume, this.maxMs);
    consumer.once('drain', resume);
  }

  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
