/**
 * One PUB or HPUB where it lies among the received bytes; valid until the handler returns. Byte ranges are
 * half open. Subjects are read as latin1, which keeps any byte as it is.
 */
export interface PublishFrame {
  readonly bytes: Buffer;
  readonly subject: string;
  /** Empty when there is none. */
  readonly reply: string;
  /** Headers come first in the body; 0 for a PUB. */
  readonly headerBytes: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** From here to `tailEnd` an MSG (or HMSG) has the same bytes: reply, sizes, line end, body, line end. */
  readonly tailStart: number;
  readonly tailEnd: number;
}

/** What the parser writes into; one for the life of a connection. */
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
