import {stripVTControlCharacters} from 'node:util';
import {renderToString} from 'ink';
import type {ReactElement} from 'react';
import type {InputEvent, ScreenSize, Terminal} from '../../src/tui/term/terminal.js';

/** A terminal in memory: what is mounted is drawn when a test looks. */
export class FakeTerminal implements Terminal {
  readonly copied: string[] = [];
  readonly ended: Promise<void>;
  isClosed = false;
  suspensions = 0;
  private end: () => void = () => {};
  private element: ReactElement | undefined;
  private readonly inputs = new Set<(event: InputEvent) => void>();
  private readonly resizes = new Set<(size: ScreenSize) => void>();

  constructor(private now: ScreenSize = {columns: 80, rows: 24}) {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  size(): ScreenSize {
    return this.now;
  }

  onInput(listener: (event: InputEvent) => void): () => void {
    this.inputs.add(listener);
    return () => this.inputs.delete(listener);
  }

  onResize(listener: (size: ScreenSize) => void): () => void {
    this.resizes.add(listener);
    return () => this.resizes.delete(listener);
  }

  mount(element: ReactElement): void {
    this.element = element;
  }

  async suspend<T>(run: () => Promise<T>): Promise<T> {
    this.suspensions += 1;
    return await run();
  }

  copy(text: string): boolean {
    this.copied.push(text);
    return true;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.end();
  }

  resize(size: ScreenSize): void {
    this.now = size;
    for (const listener of this.resizes) listener(size);
  }

  input(event: InputEvent): void {
    for (const listener of this.inputs) listener(event);
  }

  /** Keys by their names, one after the other. */
  press(...names: readonly string[]): void {
    for (const name of names)
      this.input({type: 'key', name, text: name === 'space' ? ' ' : [...name].length === 1 ? name : ''});
  }

  paste(text: string): void {
    this.input({type: 'paste', text});
  }

  type(text: string): void {
    for (const character of text) this.press(character === ' ' ? 'space' : character);
  }

  /** What the screen shows, with its colours. */
  drawn(): string {
    return this.element === undefined ? '' : renderToString(this.element, {columns: this.now.columns});
  }

  /** What the screen shows, as text. */
  text(): string {
    return stripVTControlCharacters(this.drawn());
  }
}
