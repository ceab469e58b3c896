/**
 * A PUB or HPUB in the received bytes; valid until the handler returns. Byte ranges exclude their end. Subjects are
 * decoded as Latin-1, which preserves every byte.
 */
export interface PublishFrame {
  readonly bytes: Buffer;
  readonly subject: string;
  /** Reply subject; empty if there is none. */
  readonly reply: string;
  /** Size of the headers at the start of the body; 0 for a PUB. */
  readonly headerBytes: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** The bytes from here to `tailEnd` are the same in the MSG (or HMSG): reply, sizes, line end, body, line end. */
  readonly tailStart: number;
  readonly tailEnd: number;
}

/** The frame that the parser of a connection reuses. */
export type MutablePublishFrame = {-readonly [Key in keyof PublishFrame]: PublishFrame[Key]};

export function emptyPublishFrame(): MutablePublishFrame {
  return {
    bytes: Buffer.alloc(0),
    subject: '',
    reply: '',
    headerBytes: 0,
    bodyStart: 0,
    bodyEnd: 0,
    tailStart: 0,
    tailEnd: 0,
  };
}
