import type {ReactElement} from 'react';
import {onAbort} from '../../base/abort-signals.js';
import {InterruptedError} from '../../base/errors.js';
import type {TerminalDeps} from '../../output/terminal/terminal-deps.js';
import {clipboardSequence} from './clipboard.js';
import {createInkScreen, type InkScreen} from './ink-screen.js';
import type {InputEvent} from './input-event.js';
import {createInputSource, type InputSource} from './input-source.js';
import {createPainter, type Painter, type ScreenSize} from './painter.js';
import {requireTerminal} from './require-terminal.js';
import {enterScreenSequence, leaveScreenSequence} from './screen-sequences.js';

export type {InputEvent} from './input-event.js';
export type {ScreenSize} from './painter.js';

interface TerminalOptions extends TerminalDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Closes the screen when aborted; `ended` then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Enables click and wheel reports. They disable the terminal's text selection, except with Shift. */
  readonly mouse: boolean;
}

/** The alternate screen of the operator's terminal. */
export interface Terminal {
  size(): ScreenSize;
  /** Adds a listener and returns a function that removes it, as `onInput` does. */
  onResize(listener: (size: ScreenSize) => void): () => void;
  /**
   * Emits one event per key, even if several arrive together. Ctrl-Z suspends the program and is
   * not emitted.
   */
  onInput(listener: (event: InputEvent) => void): () => void;
  /**
   * Draws the element with Ink: at most 12 frames per second, but immediately after a key or an
   * idle moment. Lines wider than the screen are truncated.
   */
  mount(element: ReactElement): void;
  /** Gives the terminal to another program, such as an editor, then restores and repaints the screen. */
  suspend<T>(run: () => Promise<T>): Promise<T>;
  /**
   * Copies to the clipboard (OSC 52). Returns false if copying is unsupported or the text is too
   * long.
   */
  copy(text: string): boolean;
  /** Leaves the alternate screen and restores the terminal. */
  close(): Promise<void>;
  /**
   * Resolves after `close`. After leaving the screen, rejects with a render error, with the signal's reason, or with
   * InterruptedError when the terminal is gone.
   */
  readonly ended: Promise<void>;
}

/**
 * Opens the screen. Throws UsageError if there is no terminal. Restores the terminal however the
 * program ends.
 */
export async function openTerminal(options: TerminalOptions): Promise<Terminal> {
  requireTerminal(options.stdin, options.stdout, options.env);
  options.signal.throwIfAborted();
  return new OpenTerminal(options);
}

class OpenTerminal implements Terminal {
  readonly ended: Promise<void>;
  private settle: {resolve(): void; reject(reason: unknown): void} = {resolve: () => {}, reject: () => {}};
  private readonly resizeListeners = new Set<(size: ScreenSize) => void>();
  private readonly inputListeners = new Set<(event: InputEvent) => void>();
  private readonly painter: Painter;
  private readonly screen: InkScreen;
  private readonly input: InputSource;
  private readonly unlisten: readonly (() => void)[];
  private readonly unlistenToAbort: () => void = () => {};
  private isGone = false;
  private state: 'open' | 'away' | 'closed' = 'away';

  constructor(private readonly options: TerminalOptions) {
    this.ended = new Promise((resolve, reject) => {
      this.settle = {resolve, reject};
    });
    this.ended.catch(() => {}); // callers may ignore it
    const size = (): ScreenSize => this.size();
    this.painter = createPainter({write: (text) => this.write(text), size, now: () => performance.now()});
    this.screen = createInkScreen({
      size,
      show: (frame) => this.painter.show(frame),
      onError: (error) => this.fail(error),
    });
    this.input = createInputSource({
      stdin: options.stdin,
      onInput: (event) => this.heard(event),
      onGone: () => this.hungUp(),
    });
    this.unlisten = this.listen();
    this.enter();
    this.unlistenToAbort = onAbort(options.signal, () => this.fail(options.signal.reason));
  }

  size(): ScreenSize {
    const {columns, rows} = this.options.stdout;
    return {columns: columns || 80, rows: rows || 24};
  }

  onResize(listener: (size: ScreenSize) => void): () => void {
    this.resizeListeners.add(listener);
    return () => this.resizeListeners.delete(listener);
  }

  onInput(listener: (event: InputEvent) => void): () => void {
    this.inputListeners.add(listener);
    return () => this.inputListeners.delete(listener);
  }

  mount(element: ReactElement): void {
    this.screen.mount(element);
  }

  async suspend<T>(run: () => Promise<T>): Promise<T> {
    this.leave();
    try {
      return await run();
    } finally {
      this.enter();
    }
  }

  copy(text: string): boolean {
    const sequence = this.state === 'open' ? clipboardSequence(text, this.options.env) : undefined;
    if (sequence !== undefined) this.write(sequence);
    return sequence !== undefined;
  }

  async close(): Promise<void> {
    this.shut();
    this.settle.resolve();
  }

  private fail(reason: unknown): void {
    this.shut();
    this.settle.reject(reason);
  }

  /**
   * Handles the loss of the terminal. The kernel may signal it more than once; the program still
   * exits in order.
   */
  private hungUp(): void {
    if (this.isGone || this.state === 'closed') return;
    this.isGone = true;
    this.options.onSignal('SIGHUP', () => {});
    this.options.detach();
    this.fail(new InterruptedError('SIGHUP'));
  }

  private shut(): void {
    if (this.state === 'closed') return;
    this.leave();
    this.state = 'closed';
    for (const off of this.unlisten) off();
    this.unlistenToAbort();
    this.screen.unmount();
  }

  /** Subscribes to signals and events that end, stop or resize the screen. */
  private listen(): readonly (() => void)[] {
    const {stdout, onSignal, atExit} = this.options;
    const onResize = (): void => this.resized();
    const onError = (): void => this.hungUp();
    stdout.on('resize', onResize);
    stdout.on('error', onError);
    return [
      () => void stdout.off('resize', onResize),
      onSignal('SIGHUP', () => this.hungUp()),
      onSignal('SIGQUIT', () => this.fail(new InterruptedError('SIGQUIT'))),
      onSignal('SIGCONT', () => this.cameBack()),
      this.listenToStop(),
      atExit(() => this.leave()),
    ];
  }

  /** Handles an external SIGTSTP. The listener is removed while stopping, since only the default action stops the process. */
  private listenToStop(): () => void {
    this.unlistenToStop = this.options.onSignal('SIGTSTP', () => this.stop());
    return () => this.unlistenToStop();
  }

  private unlistenToStop: () => void = () => {};

  private stop(): void {
    if (this.state !== 'open') return;
    this.leave();
    this.unlistenToStop();
    this.options.stop();
    this.listenToStop();
    this.enter();
  }

  /** Restores the screen after the shell has used the terminal. */
  private cameBack(): void {
    if (this.state !== 'open') return;
    this.painter.pause();
    this.input.stop();
    this.state = 'away';
    this.enter();
  }

  private enter(): void {
    if (this.state !== 'away') return;
    this.state = 'open';
    this.input.start();
    this.write(enterScreenSequence(this.options.mouse));
    this.screen.resize();
    this.painter.resume();
  }

  private leave(): void {
    if (this.state !== 'open') return;
    this.painter.pause();
    this.write(leaveScreenSequence);
    this.input.stop();
    this.state = 'away';
  }

  private write(text: string): void {
    if (this.state === 'open' && this.options.stdout.writable) this.options.stdout.write(text);
  }

  private resized(): void {
    if (this.state !== 'open') return;
    this.painter.paintSoon();
    this.painter.invalidate();
    const size = this.size();
    for (const listener of this.resizeListeners) listener(size);
    this.screen.resize();
  }

  private heard(event: InputEvent): void {
    if (event.type === 'key' && event.name === 'ctrl-z') return this.stop();
    this.painter.paintSoon();
    for (const listener of this.inputListeners) listener(event);
  }
}
