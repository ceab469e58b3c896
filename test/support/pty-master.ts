import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

/** The master end of a pty besides that of its owner, who closes his as soon as the program has ended. */
export interface PtyMaster {
  /** `stty -g` of the terminal, also after the program in it has ended: the kernel tells it at both ends. */
  termios(): Promise<string>;
  /** What the program wrote and the owner has not read: to be asked for once the program has ended. */
  rest(): Promise<Buffer>;
  close(): void;
}

const helperScript = `
while read -r what; do
  case $what in
    termios) stty -g <&3 ;;
    rest) cat <&3 2>/dev/null | base64 -w 0; echo ;;
  esac
done`;

/** Keeps it open in a helper. */
export function openPtyMaster(master: number): PtyMaster {
  const helper = spawn('sh', ['-c', helperScript], {stdio: ['pipe', 'pipe', 'inherit', master]});
  const {stdin, stdout} = helper;
  if (stdin === null || stdout === null) throw new Error('no pipes to the helper');
  const lines = createInterface({input: stdout});
  const asked: ((line: string) => void)[] = [];
  lines.on('line', (line) => asked.shift()?.(line));
  const ask = (what: 'termios' | 'rest'): Promise<string> =>
    new Promise((resolve) => {
      asked.push(resolve);
      stdin.write(`${what}\n`);
    });
  let isClosed = false;
  return {
    termios: () => ask('termios'),
    rest: async () => Buffer.from(isClosed ? '' : await ask('rest'), 'base64'),
    close: () => {
      isClosed = true;
      stdin.end();
    },
  };
}
