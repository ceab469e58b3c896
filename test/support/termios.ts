import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/** Reads a terminal's settings, also after the program in it has ended. */
export interface Termios {
  /** `stty -g`. */
  read(): Promise<string>;
  close(): void;
}

/**
 * A helper that keeps the pty's master open besides its owner, who closes it as soon as the program has ended; the
 * kernel tells a terminal's settings at both of its ends.
 */
export function openTermios(master: number): Termios {
  const helper = spawn('sh', ['-c', 'while read -r _; do stty -g <&3; done'], {
    stdio: ['pipe', 'pipe', 'inherit', master],
  });
  const {stdin, stdout} = helper;
  if (stdin === null || stdout === null) throw new Error('no pipes to the helper');
  const lines = createInterface({input: stdout});
  const asked: ((line: string) => void)[] = [];
  lines.on('line', (line) => asked.shift()?.(line));
  return {
    read: () =>
      new Promise((resolve) => {
        asked.push(resolve);
        stdin.write('\n');
      }),
    close: () => void stdin.end(),
  };
}
