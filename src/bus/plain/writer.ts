const firstSize = 4 * 1024;
const room = 64 * 1024;

/** Gathers what is said to the server in one turn of the event loop, and sends it in one piece. */
export class ServerWriter {
  private bytes = Buffer.allocUnsafe(firstSize);
  private size = 0;
  private isScheduled = false;

  constructor(private readonly send: (bytes: Buffer) => void) {}

  line(text: string): void {
    this.reserve(text.length * 3 + 2);
    this.size += this.bytes.write(text, this.size);
    this.end();
  }

  /** A line of ASCII and what it announces. */
  publish(line: string, data: Uint8Array): void {
    this.reserve(line.length + data.length + 4);
    this.size += this.bytes.write(line, this.size, 'latin1');
    this.end();
    this.bytes.set(data, this.size);
    this.size += data.length;
    this.end();
  }

  /** Sends at once what is there. */
  flush(): void {
    if (this.size === 0) return;
    const piece = this.bytes.subarray(0, this.size);
    this.bytes = Buffer.allocUnsafe(this.bytes.length > firstSize ? room : firstSize);
    this.size = 0;
    this.send(piece);
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
    if (this.size >= room / 2) this.flush();
    if (this.size + more <= this.bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(room, this.size + more));
    this.bytes.copy(grown, 0, 0, this.size);
    this.bytes = grown;
  }
}
