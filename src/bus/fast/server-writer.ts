const firstSize = 4 * 1024;
const maxKeptBytes = 64 * 1024;
const maxSpares = 16;

/** Collects the writes of one turn of the event loop and sends them together. */
export class ServerWriter {
  private bytes: Buffer = Buffer.allocUnsafeSlow(firstSize);
  private size = 0;
  private isScheduled = false;
  /** Buffers of sent writes, for reuse. */
  private readonly spares: Buffer[] = [];

  /** `send` must call back once the bytes may be overwritten. */
  constructor(private readonly send: (bytes: Buffer, sent: () => void) => void) {}

  line(text: string): void {
    this.reserve(text.length * 3 + 2);
    this.size += this.bytes.write(text, this.size);
    this.end();
  }

  /** Writes an ASCII line, followed by the payload that it announces. */
  publish(line: string, data: Uint8Array): void {
    this.reserve(line.length + data.length + 4);
    this.size += this.bytes.write(line, this.size, 'latin1');
    this.end();
    this.bytes.set(data, this.size);
    this.size += data.length;
    this.end();
  }

  /** Sends pending bytes immediately. */
  flush(): void {
    if (this.size === 0) return;
    const whole = this.bytes;
    const piece = whole.subarray(0, this.size);
    this.bytes = this.spares.pop() ?? Buffer.allocUnsafeSlow(firstSize);
    this.size = 0;
    this.send(piece, () => {
      if (whole.length <= maxKeptBytes && this.spares.length < maxSpares) this.spares.push(whole);
    });
  }

  private end(): void {
    this.bytes[this.size++] = 0x0d;
    this.bytes[this.size++] = 0x0a;
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.flush();
    });
  }

  private reserve(more: number): void {
    if (this.size + more <= this.bytes.length) return;
    if (this.size >= maxKeptBytes / 2) this.flush();
    if (this.size + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(maxKeptBytes, this.size + more));
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }
}
