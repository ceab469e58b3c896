import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';

/** A process that we started and that ends when we end, however that comes about. */
export interface Child {
  /** Of the program itself, not of the shell around it. */
  readonly pid: number;
  /** Aborts when the program has ended, by our hand or not. */
  readonly ended: AbortSignal;
  stop(): Promise<void>;
}

/**
 * Runs the program until our end of the shell's stdin closes, which the kernel does for us even after a SIGKILL;
 * then ends it: politely (and awake, should it be stopped), and after three seconds for good.
 */
const keeper = `
exec 3<&0
"$@" </dev/null 3<&- >/dev/null 2>&1 & child=$!
echo "$child"
( read -r _ <&3
  kill -TERM "$child" && kill -CONT "$child"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
  do kill -0 "$child" || exit; sleep 0.1; done
  kill -KILL "$child" ) >/dev/null 2>&1 & watch=$!
wait "$child"
kill "$watch" 2>/dev/null`;

/** In a process group of its own, so that Ctrl-C on the terminal reaches us alone and we end things in order. */
export async function startChild(command: readonly [string, ...string[]]): Promise<Child> {
  const shell = spawn('/bin/sh', ['-c', keeper, 'sh', ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = new AbortController();
  shell.once('exit', () => {
    shell.stdout?.destroy();
    ended.abort();
  });
  const [pid] = await once(shell.stdout, 'data');
  return {pid: Number(String(pid)), ended: ended.signal, stop: () => stopShell(shell)};
}

async function stopShell(shell: ChildProcess): Promise<void> {
  if (shell.exitCode !== null || shell.signalCode !== null) return;
  const exit = once(shell, 'exit');
  shell.stdin?.end();
  await exit;
}
