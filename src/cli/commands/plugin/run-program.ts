import {spawn} from 'node:child_process';
import {constants} from 'node:os';
import {UsageError} from '../../../base/errors.js';
import type {Environment} from '../../settings/settings-layers.js';

/** Forwards each signal of this process to `receive` until the returned function is called. */
type PassSignals = (receive: (signal: NodeJS.Signals) => void) => () => void;

interface ProgramDeps {
  readonly env: Environment;
  readonly passSignals: PassSignals;
  /** Whether the process has a terminal, which then sends Ctrl-C to the program too. */
  readonly hasTerminal: boolean;
}

/**
 * Runs a program with the terminal and streams of this process. Returns its exit code, or 128 plus the signal number if a signal
 * ended it. Rejects with UsageError if it cannot be started.
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  {env, passSignals, hasTerminal}: ProgramDeps,
): Promise<number> {
  const child = spawn(file, args, {stdio: 'inherit', env: {...env}});
  const release = passSignals((signal) => {
    const isTyped = signal === 'SIGINT' || signal === 'SIGQUIT';
    if (!(isTyped && hasTerminal)) child.kill(signal);
  });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(new UsageError(`cannot run the plugin "${file}": ${cause.message}`, {cause})),
      );
      child.once('exit', (code, signal) =>
        resolve(signal === null ? (code ?? 0) : 128 + constants.signals[signal]),
      );
    });
  } finally {
    release();
  }
}
