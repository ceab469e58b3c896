import type {ChildProcess} from 'node:child_process';
import {type SpawnOutcome, spawnGatectl} from './run-cli.js';

/** A command of the built program that runs until it is told to stop, and what it has said so far. */
export class LongCommand implements AsyncDisposable {
  out = '';
  err = '';
  readonly ended: Promise<SpawnOutcome>;
  private child: ChildProcess | undefined;

  constructor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.ended = spawnGatectl(argv, {
      env,
      timeoutMs: 120_000,
      onStart: (child) => {
        this.child = child;
        child.stdout?.on('data', (text: Buffer) => {
          this.out += text.toString();
        });
        child.stderr?.on('data', (text: Buffer) => {
          this.err += text.toString();
        });
      },
    });
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child?.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.ended;
  }
}
