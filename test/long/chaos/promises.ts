/** What the documents promise, in their order; each is looked at many times, and one that did not hold says how. */
export const promises = {
  acked: 'what a gate has acknowledged is not lost (stores.md)',
  forward: 'what is read never goes back (stores.md)',
  whole: 'a record is always one whole version of its user (stores.md)',
  serves: 'a gate serves on while its store is away (stores.md)',
  told: 'a request of a client is answered, or an error says why, within its deadline (authors.md)',
  asked: 'a module that died, hung or was cut off serves again once it is back (authors.md)',
  deadline: 'a write is answered within twice the storage timeout while the store is away (stores.md)',
  dirty: 'what waited is stored once the store is back (stores.md)',
  deleted: 'a record that was deleted is not brought back by a connection that has gone (stores.md)',
  again: 'a force-delete that was interrupted completes when it is run again (operators.md)',
  once: 'who is connected for a whole listing is in it exactly once (protocol.md)',
  named: 'a gate that does not answer is named, and the exit code is 3 (README)',
  back: 'gates are found again after the bus was restarted (protocol.md)',
  exit: 'gatectl ends with a documented code and prints a whole document (README, output.md)',
  watch: 'sessions watch lives through it all and marks its gaps (operators.md)',
  stop: 'a gate that is told to end leaves the registry and closes its clients (operators.md)',
} as const;

export type PromiseName = keyof typeof promises;

/** Who kept what. */
export class Ledger {
  private readonly kept = new Map<PromiseName, number>();
  private readonly broken: {readonly name: PromiseName; readonly how: string}[] = [];

  check(name: PromiseName, holds: boolean, how: () => string): void {
    if (holds) {
      this.kept.set(name, (this.kept.get(name) ?? 0) + 1);
      return;
    }
    this.broken.push({name, how: how()});
    console.log(`  BROKEN ${name}: ${this.broken.at(-1)?.how}`);
  }

  /** Prints each promise; true when all were looked at, and kept. */
  print(): boolean {
    let isGood = true;
    for (const [name, text] of Object.entries(promises) as [PromiseName, string][]) {
      const failures = this.broken.filter((one) => one.name === name).length;
      const times = this.kept.get(name) ?? 0;
      const verdict = failures > 0 ? `FAIL ${failures} times` : times > 0 ? 'pass' : 'NOT SEEN';
      isGood &&= verdict === 'pass';
      console.log(`${verdict.padEnd(14)} ${String(times).padStart(6)} × ${text}`);
    }
    return isGood;
  }
}
