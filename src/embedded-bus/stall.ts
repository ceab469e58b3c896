import type {Socket} from 'node:net';

/** Keeps a publisher's socket unread for a moment, so that a consumer which has fallen behind can catch up. */
export class Stall {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly maxMs: number,
  ) {}

  /** Until the consumer has taken everything, but never longer than `maxMs`: nobody waits for the dead. */
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
