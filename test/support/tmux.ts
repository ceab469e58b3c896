import {execFileSync, spawnSync} from 'node:child_process';
import path from 'node:path';
import {until} from './poll.js';
import {cleanEnvironment} from './run-cli.js';
import {temporaryFolder} from './temp.js';

/** A tmux of its own with one window, as an operator works in one. */
export interface Tmux extends AsyncDisposable {
  /** Types a line and Enter. */
  type(line: string): void;
  /** Presses keys by tmux's names (`Escape`, `C-c`) or types texts. */
  keys(...keys: readonly string[]): void;
  screen(): string;
  shows(what: string | RegExp, timeoutMs?: number): Promise<void>;
  /** A tmux format, as `#{pane_title}`. */
  ask(format: string): string;
  /** The newest paste buffer; undefined when there is none. */
  clipboard(): string | undefined;
  resize(columns: number, rows: number): void;
}

export interface TmuxOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it with everything allowed that a hostile text could use: the clipboard, and renaming of windows. */
export async function startTmux({columns = 80, rows = 24, env = {}}: TmuxOptions = {}): Promise<Tmux> {
  const folder = await temporaryFolder('gatectl-tmux-');
  const socket = path.join(folder.path, 'socket');
  const {CI: _, ...own} = cleanEnvironment(); // with it Ink and gatectl take the terminal for a log
  const run = (...args: readonly string[]): string =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: {...own, TERM: 'xterm-256color', PS1: 'prompt> ', ...env},
    });
  run('new-session', '-d', '-x', String(columns), '-y', String(rows), 'bash', '--norc', '--noprofile');
  for (const [option, value] of [
    ['set-clipboard', 'on'],
    ['allow-rename', 'on'],
    ['automatic-rename', 'off'],
  ] as const) {
    run('set-option', '-g', option, value);
  }
  run('rename-window', 'window');
  const screen = (): string => run('capture-pane', '-p');
  return {
    type(line) {
      run('send-keys', '-l', line);
      run('send-keys', 'Enter');
    },
    keys: (...keys) => void run('send-keys', ...keys),
    screen,
    async shows(what, timeoutMs = 20_000) {
      const has = (text: string): boolean =>
        typeof what === 'string' ? text.includes(what) : what.test(text);
      await until(() => has(screen()), {what: `${what} in tmux`, timeoutMs}).catch((error: unknown) => {
        throw new Error(`${String(error)}:\n${screen()}`);
      });
    },
    ask: (format) => run('display-message', '-p', format).trimEnd(),
    clipboard() {
      const {status, stdout} = spawnSync('tmux', ['-S', socket, 'show-buffer'], {encoding: 'utf8'});
      return status === 0 ? stdout : undefined;
    },
    resize: (width, height) => void run('resize-window', '-x', String(width), '-y', String(height)),
    async [Symbol.asyncDispose]() {
      run('kill-server');
      await folder.remove();
    },
  };
}
