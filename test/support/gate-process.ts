import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import path from 'node:path';
import {until} from './poll.js';
import {cleanEnvironment} from './run-cli.js';

interface ReadyGate {
  readonly nodeId: string;
  readonly tcpPort: number;
  readonly wsPort?: number;
  readonly pid: number;
}

/** `gatectl gate run` as a process of its own, to be killed and stopped. */
export class GateProcess implements AsyncDisposable {
  private log = '';
  private out: string;

  private constructor(
    private readonly child: ChildProcess,
    readonly nodeId: string,
    readonly tcp: string,
    out: string,
  ) {
    this.out = out;
    child.stdout?.on('data', (text: string) => {
      this.out += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
  }

  static async start(id: string, natsUrl: string, ...more: readonly string[]): Promise<GateProcess> {
    const argv = ['gate', 'run', '--id', id, '--tcp', '127.0.0.1:0', '-o', 'jsonl', ...more];
    const child = spawn(process.execPath, [path.resolve('bin/gatectl.js'), ...argv], {
      // not on the command line, which refuses passwords; the timeout is for a start on a busy machine
      env: {...cleanEnvironment(), GATECTL_SERVER: natsUrl, GATECTL_TIMEOUT: '20s'},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const line = await until(
      () => (child.exitCode !== null ? 'ended' : out.includes('\n') && out.split('\n')[0]),
      {
        what: `gate ${id} to serve`,
        timeoutMs: 45_000,
        everyMs: 5,
      },
    );
    if (line === 'ended') throw new Error(`gate ${id} ended: ${err}`);
    const {nodeId, tcpPort} = JSON.parse(line) as {readonly nodeId: string; readonly tcpPort: number};
    return new GateProcess(child, nodeId, `mqtt://127.0.0.1:${tcpPort}`, out);
  }

  /** What its gates said when they served, in that order: one, or with `--processes` several. */
  get ready(): readonly ReadyGate[] {
    const lines = this.out.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line)).filter(({nodeId}) => nodeId !== undefined); // and not the summaries
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves with its exit code once it has ended. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }

  /** What it said on stderr since it serves. */
  said(): string {
    return this.log;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGCONT');
    this.child.kill('SIGKILL');
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
