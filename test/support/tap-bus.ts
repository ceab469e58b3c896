import {FakeBus} from './fake-bus.js';

/** A bus on which these messages pass as soon as somebody listens to all that he wants. */
export class TapBus extends FakeBus {
  constructor(private readonly messages: readonly (readonly [subject: string, bytes: Uint8Array])[]) {
    super();
  }

  override async flush(): Promise<void> {
    await super.flush();
    for (const [subject, bytes] of this.messages) this.publish(subject, bytes);
    await super.flush();
  }
}
