import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import type {IPty} from '@lydell/node-pty';
import xterm from '@xterm/headless';
import {bytesOfKey} from './keys.js';
import {processorMs} from './proc.js';
import {openPtyMaster, type PtyMaster} from './pty-master.js';

/** A terminal that a program runs in: a real pty, and a real VT parser that shows what a person would see. */
export interface Screen extends AsyncDisposable {
  readonly pid: number;
  /** Presses keys, each by its name (`esc`, `ctrl-c`, `pgdn`), or types a text that is no name. */
  press(...keys: readonly string[]): void;
  /** Sends bytes as they are. */
  send(text: string): void;
  /** Resolves when the screen has the text; the error of a deadline shows the screen. */
  shows(what: string | RegExp, timeoutMs?: number): Promise<void>;
  /** Resolves when the condition holds, looked at whenever the screen has changed. */
  becomes(what: string, condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** A row from the top, counted from 0, without the blanks at its end. */
  row(index: number): string;
  /** All rows. */
  text(): string;
  resize(columns: number, rows: number): void;
  signal(name: NodeJS.Signals): void;
  /** The window closes: the program's terminal is gone. */
  hangUp(): void;
  /** How the program ended. */
  ended(timeoutMs?: number): Promise<Ended>;
  /** What the program's output did to the terminal. */
  readonly effects: Effects;
  modes(): Modes;
  /** `stty -g` of the terminal now, also after the program has ended. */
  termios(): Promise<string>;
  /** `stty -g` as the program found it. */
  readonly termiosBefore: Promise<string>;
  /** What the program has used of the processor, in milliseconds (to 10 of them). */
  cpuMs(): number;
  /** What the program keeps in memory, in megabytes. */
  rssMb(): number;
  /** Frames of the terminal layer that were written so far. */
  frames(): number;
  /** Everything that the program wrote. */
  raw(): string;
  readonly xterm: xterm.Terminal;
}

export interface Ended {
  readonly code: number;
  /** The number of the signal that ended it, 0 when none did. */
  readonly signal: number;
}

export interface Effects {
  readonly titles: readonly string[];
  readonly bells: number;
  /** Texts that OSC 52 put into the clipboard. */
  readonly clipboard: readonly string[];
  /** Other OSC sequences, as `number;text`. */
  readonly osc: readonly string[];
  /** What the terminal sent back by itself: answers that a program asked for. */
  readonly replies: string;
}

export interface Modes {
  readonly alternate: boolean;
  readonly mouse: string;
  readonly bracketedPaste: boolean;
  readonly cursorHidden: boolean;
  readonly wraps: boolean;
}

export interface ScreenOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** On top of this process's own, which lacks CI (Ink and gatectl take it for a log) and colour wishes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

type Pty = typeof import('@lydell/node-pty');

function loadPty(): Pty | undefined {
  try {
    return createRequire(import.meta.url)('@lydell/node-pty') as Pty;
  } catch {
    return undefined; // needs a compiler at install
  }
}

const pty = loadPty();

/** Whether there is a pty to open a screen in. */
export const canOpenScreens = pty !== undefined;

/** For what never comes. */
const patienceMs = 20_000;

export function openScreen(program: string, args: readonly string[], options: ScreenOptions = {}): Screen {
  if (pty === undefined) throw new Error('this needs @lydell/node-pty, which could not be loaded');
  const {columns = 80, rows = 24} = options;
  const child = pty.spawn(program, [...args], {
    cols: columns,
    rows,
    name: options.env?.['TERM'] ?? 'xterm-256color', // what becomes its TERM
    cwd: options.cwd ?? process.cwd(),
    env: environment(options.env ?? {}),
  });
  return new PtyScreen(child, columns, rows);
}

function environment(more: ScreenOptions['env'] & object): Record<string, string> {
  const {CI: _, NO_COLOR: _no, FORCE_COLOR: _force, STY: _sty, TMUX: _tmux, ...own} = process.env;
  const all = {...own, COLORTERM: 'truecolor', ...more};
  return Object.fromEntries(
    Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

let atStart: Promise<string> | undefined;

/** `stty -g` as every program finds it: asked by one that has a pty of its own, since another would be asked too late. */
function termiosAtStart(): Promise<string> {
  atStart ??= readTermiosAtStart();
  return atStart;
}

async function readTermiosAtStart(): Promise<string> {
  await using screen = openScreen('stty', ['-g']);
  await screen.ended();
  return screen.raw().trim();
}

class PtyScreen implements Screen {
  readonly xterm: xterm.Terminal;
  readonly effects = {
    titles: [] as string[],
    bells: 0,
    clipboard: [] as string[],
    osc: [] as string[],
    replies: '',
  };
  private readonly master: PtyMaster;
  private readonly exit: Promise<Ended>;
  private readonly watchers = new Set<() => void>();
  private output: string[] = [];
  private hasExited = false;
  private isOver = false;

  constructor(
    private readonly child: IPty,
    columns: number,
    rows: number,
  ) {
    this.master = openPtyMaster((child as unknown as {readonly fd: number}).fd);
    this.xterm = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 1000,
      logLevel: 'off',
    });
    this.listen();
    this.exit = new Promise((resolve) => {
      child.onExit(async ({exitCode, signal}) => {
        this.hasExited = true;
        const rest = await this.master.rest(); // the package reads once after the end, at most 4 KB
        if (rest.length > 0) this.output.push(rest.toString());
        this.xterm.write(rest, () => {
          this.isOver = true;
          this.changed();
          resolve({code: exitCode, signal: signal ?? 0});
        });
      });
    });
    child.onData((text) => {
      this.output.push(text);
      this.xterm.write(text, () => this.changed());
    });
  }

  get pid(): number {
    return this.child.pid;
  }

  press(...keys: readonly string[]): void {
    for (const key of keys) this.send(bytesOfKey(key));
  }

  send(text: string): void {
    this.child.write(text);
  }

  async shows(what: string | RegExp, timeoutMs = patienceMs): Promise<void> {
    const has = (text: string): boolean => (typeof what === 'string' ? text.includes(what) : what.test(text));
    await this.becomes(`showing ${what}`, () => has(this.text()), timeoutMs);
  }

  becomes(what: string, condition: () => boolean, timeoutMs = patienceMs): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.watchers.delete(look);
      };
      const look = (): void => {
        if (!condition()) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        const state = this.isOver ? 'the program has ended' : 'it runs';
        reject(new Error(`the screen was not ${what} after ${timeoutMs} ms (${state}):\n${this.text()}`));
      }, timeoutMs);
      this.watchers.add(look);
    });
  }

  row(index: number): string {
    const {active} = this.xterm.buffer;
    return active.getLine(active.baseY + index)?.translateToString(true) ?? '';
  }

  text(): string {
    return Array.from({length: this.xterm.rows}, (_, index) => this.row(index)).join('\n');
  }

  resize(columns: number, rows: number): void {
    this.xterm.resize(columns, rows);
    this.child.resize(columns, rows);
  }

  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  hangUp(): void {
    this.master.close();
    // not its `destroy`, which kills the program as well
    (this.child as unknown as {_socket: {destroy(): void}})._socket.destroy();
  }

  async ended(timeoutMs = patienceMs): Promise<Ended> {
    await this.becomes('left by the program', () => this.isOver, timeoutMs);
    return await this.exit;
  }

  modes(): Modes {
    const {modes, buffer} = this.xterm;
    const core = (this.xterm as unknown as {_core: {coreService: {isCursorHidden: boolean}}})._core;
    return {
      alternate: buffer.active.type === 'alternate',
      mouse: modes.mouseTrackingMode,
      bracketedPaste: modes.bracketedPasteMode,
      cursorHidden: core.coreService.isCursorHidden,
      wraps: modes.wraparoundMode,
    };
  }

  termios(): Promise<string> {
    return this.master.termios();
  }

  get termiosBefore(): Promise<string> {
    return termiosAtStart();
  }

  cpuMs(): number {
    return processorMs(this.pid);
  }

  rssMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  frames(): number {
    return this.raw().split('\u001b[?2026h').length - 1;
  }

  raw(): string {
    return this.output.join('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.isOver) this.child.kill('SIGKILL');
    await this.exit;
    this.master.close();
    this.xterm.dispose();
  }

  private changed(): void {
    for (const watcher of this.watchers) watcher();
  }

  private listen(): void {
    const {effects, xterm: terminal} = this;
    terminal.onBell(() => void effects.bells++);
    terminal.onTitleChange((title) => void effects.titles.push(title));
    terminal.onData((reply) => {
      effects.replies += reply;
      if (!this.hasExited) this.send(reply);
    });
    terminal.parser.registerOscHandler(52, (text) => {
      effects.clipboard.push(Buffer.from(text.slice(text.indexOf(';') + 1), 'base64').toString());
      return true;
    });
    for (const number of [0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 104, 133, 777, 1337]) {
      terminal.parser.registerOscHandler(number, (text) => {
        effects.osc.push(`${number};${text}`);
        return false;
      });
    }
  }
}
