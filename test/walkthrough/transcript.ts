import type {ChildProcess} from 'node:child_process';
import {spawnGatectl} from '../support/run-cli.js';

/** Runs command lines with the built program and records them with their output, as a terminal shows them. */
export class Transcript {
  private readonly lines: string[] = [];

  constructor(private readonly env: Readonly<Record<string, string>>) {}

  text(paragraph: string): void {
    this.lines.push('', paragraph, '');
  }

  /** Records what a client sees. */
  aside(line: string): void {
    this.fenced([`# ${line}`]);
  }

  /** Runs `line` as typed; throws unless it ends with exit code `code`. */
  async run(line: string, {code = 0, onStart}: RunOptions = {}): Promise<string> {
    const argv = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const done = await spawnGatectl(argv.slice(1), {
      env: {GATECTL_OUTPUT: 'table', GATECTL_COLOR: 'never', ...this.env},
      ...(onStart === undefined ? {} : {onStart}),
    });
    if (done.code !== code)
      throw new Error(`${line}: exit code ${done.code}, not ${code}\n${done.out}${done.err}`);
    const exit = code === 0 ? [] : [`# exit code ${code}`];
    this.fenced([`$ ${line}`, ...shown(done.out), ...shown(done.err), ...exit]);
    return done.out;
  }

  /** Runs a command that waits for something, and calls `act` once its output matches `ready`. */
  async runUntil(line: string, ready: RegExp, act: () => Promise<unknown>): Promise<void> {
    let output = '';
    let acting: Promise<unknown> | undefined;
    const onStart = (child: ChildProcess) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (ready.test(output)) acting ??= act();
        });
    };
    await this.run(line, {onStart});
    await acting;
  }

  get markdown(): string {
    return this.lines
      .join('\n')
      .replaceAll(/\n```\n```console\n/g, '\n')
      .replaceAll(/\n{3,}/g, '\n\n');
  }

  private fenced(lines: readonly string[]): void {
    this.lines.push('```console', ...lines, '```');
  }
}

interface RunOptions {
  readonly code?: number;
  readonly onStart?: (child: ChildProcess) => void;
}

const shown = (text: string): readonly string[] =>
  text.trimEnd() === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => line.trimEnd());
