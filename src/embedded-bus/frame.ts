/**
 * A PUB or HPUB within the received bytes; valid until the handler returns. Byte ranges are half-open.
 * Subjects are decoded as Latin-1, which preserves every byte.
 */
export interface PublishFrame {
  readonly bytes: Buffer;
  readonly subject: string;
  /** Empty if there is none. */
  readonly reply: string;
  /** Size of the headers at the start of the body; 0 for a PUB. */
  readonly headerBytes: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /**
   * From here to `tailEnd` the bytes equal those of an MSG (or HMSG): reply, sizes, line end, body, line end.
   */
  readonly tailStart: number;
  readonly tailEnd: number;
}

/** The parser's reused frame, one per connection. */
export type MutableFrame = {-readonly [Key in keyof PublishFrame]: PublishFrame[Key]};

export function emptyFrame(): MutableFrame {
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
