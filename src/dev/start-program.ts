import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Readable} from 'node:stream';
import {timeoutSignal} from '../base/abort-signals.js';
import {LineSplitter} from '../base/split-lines.js';

/** A child process that ends when this process ends, even if this process is killed. */
export interface StartedProgram {
  /** Process id of the program, not of the shell around it. */
  readonly pid: number;
  /** First line of the program's output; undefined if `firstLineMs` was not given or has passed. */
  readonly firstLine: string | undefined;
  /** Aborted when the program has ended, for whatever reason. */
  readonly ended: AbortSignal;
  stop(): Promise<void>;
}

/**
 * Shell script that runs the program until its stdin closes. The kernel closes it when this process ends, even by SIGKILL. The
 * script then sends SIGTERM (and SIGCONT, in case the program is stopped), and SIGKILL after three seconds.
 */
const keeper = `
exec 3<&0
"$@" </dev/null 3<&- 2>/dev/null & child=$!
echo "pid $child"
( read -r _ <&3
  kill -TERM "$child" && kill -CONT "$child"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
  do kill -0 "$child" || exit; sleep 0.1; done
  kill -KILL "$child" ) >/dev/null 2>&1 & watch=$!
wait "$child"
kill "$watch" 2>/dev/null`;

interface ChildOptions {
  /** How long to wait for the first line on stdout, in milliseconds. If undefined, the output is discarded. */
  readonly firstLineMs?: number | undefined;
}

/** Starts a program in its own process group, so that Ctrl-C reaches only this process, which stops its children in order. */
export async function startProgram(
  command: readonly [string, ...string[]],
  {firstLineMs}: ChildOptions = {},
): Promise<StartedProgram> {
  const quiet = firstLineMs === undefined ? keeper.replace('2>/dev/null &', '>/dev/null 2>&1 &') : keeper;
  const shell = spawn('/bin/sh', ['-c', quiet, 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = new AbortController();
  shell.once('exit', () => {
    shell.stdout?.destroy();
    ended.abort();
  });
  const lines = new Lines(shell.stdout, ended.signal);
  const pid = Number((await lines.next(/^pid \d+$/))?.slice('pid '.length));
  const firstLine =
    firstLineMs === undefined ? undefined : await lines.next(/^(?!pid \d+$)/, timeoutSignal(firstLineMs));
  shell.stdout.resume();
  return {pid, firstLine, ended: ended.signal, stop: () => stopShell(shell)};
}

async function stopShell(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  const exit = once(shell, 'exit');
  shell.stdin?.end();
  await exit;
}

/** Maximum number of unread output lines to keep. The oldest are dropped. */
const maxKeptLines = 1000;

/** Output lines of the shell and the program it runs. */
class Lines {
  private readonly unread: string[] = [];

  constructor(
    private readonly stream: Readable,
    private readonly ended: AbortSignal,
  ) {
    const splitter = new LineSplitter({source: 'the output of a program', maxLineBytes: 1024 * 1024});
    stream.on('data', (chunk: Buffer) => {
      try {
        this.unread.push(...splitter.push(chunk));
      } catch {
        stream.destroy(); // no expected program writes such a long or invalid line
      }
      this.unread.splice(0, this.unread.length - maxKeptLines);
    });
  }

  /** Returns the first line that matches; undefined if the stream ends or `timeUp` aborts. */
  async next(pattern: RegExp, timeUp?: AbortSignal): Promise<string | undefined> {
    const over = AbortSignal.any([this.ended, ...(timeUp === undefined ? [] : [timeUp])]);
    for (;;) {
      const found = this.unread.find((line) => pattern.test(line));
      if (found !== undefined || over.aborted) return found;
      await once(this.stream, 'data', {signal: over}).catch(() => {});
    }
  }
}
