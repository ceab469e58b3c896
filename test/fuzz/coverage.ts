/** Counters of the instrumented targets, as istanbul keeps them. */
interface FileCoverage {
  s: Uint32Array | Record<string, number>;
  b: Record<string, Uint32Array | number[]>;
}

declare global {
  var __fuzzCoverage__: Record<string, FileCoverage> | undefined;
}

/** Which statements and branches were ever run, and how often within one input: a rough power of two. */
export class Coverage {
  /** Statements, then the ways of branches. */
  private readonly counters: Uint32Array;
  private readonly seen: Uint8Array;
  private readonly statements: number;

  constructor() {
    const [file] = Object.values(globalThis.__fuzzCoverage__ ?? {});
    if (file === undefined) throw new Error('the targets are not instrumented');
    this.statements = Object.keys(file.s).length;
    const branches = Object.entries(file.b);
    const ways = branches.reduce((sum, [, branch]) => sum + branch.length, 0);
    this.counters = new Uint32Array(this.statements + ways);
    this.seen = new Uint8Array(this.counters.length);
    file.s = this.counters.subarray(0, this.statements);
    let at = this.statements;
    for (const [name, {length}] of branches) {
      file.b[name] = this.counters.subarray(at, at + length);
      at += length;
    }
  }

  /** Before an input. */
  reset(): void {
    this.counters.fill(0);
  }

  /** After an input: whether it went where none went before it. */
  isNew(): boolean {
    const {counters, seen} = this;
    let isNew = false;
    for (let at = 0; at < counters.length; at += 1) {
      const count = counters[at] as number;
      if (count === 0) continue;
      const bucket = 1 << Math.min(7, 31 - Math.clz32(count));
      const before = seen[at] as number;
      if ((before & bucket) !== 0) continue;
      seen[at] = before | bucket;
      isNew = true;
    }
    return isNew;
  }

  /** Statements that were reached. */
  get reached(): number {
    return this.seen.subarray(0, this.statements).reduce((sum, bits) => sum + (bits > 0 ? 1 : 0), 0);
  }
}
