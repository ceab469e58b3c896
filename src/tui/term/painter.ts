import {stripControls} from './fast-ink/only-colours.js';
import {clearScreen, lineAtRow, synchronizedUpdate} from './modes.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface PainterOptions {
  readonly write: (text: string) => void;
  readonly size: () => Size;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Puts frames on the screen: only the lines that changed, and not more often than an eye wants. */
export interface Painter {
  /** The newest frame; an older one that was not shown yet is forgotten. */
  show(frame: string): void;
  /** The operator did something: what answers it is shown without waiting. */
  paintSoon(): void;
  /** Nothing is known of what the screen shows: the next frame is drawn whole. */
  invalidate(): void;
  /** No more is written until `resume`, which draws the newest frame. */
  pause(): void;
  resume(): void;
}

/** Frames that nobody asked for: 12 a second. */
const idleGapMs = 1000 / 12;
/** The first frame after a key, most likely its answer. */
const firstGapMs = 4;
/** More frames that answer a key. */
const answerGapMs = 16;
/** How long after a key a frame counts as its answer. */
const answerMs = 100;

export function createPainter({write, size, now}: PainterOptions): Painter {
  let newest: string | undefined;
  let shown: readonly string[] | undefined; // undefined: nothing is known of the screen
  let lastPaint = Number.NEGATIVE_INFINITY;
  let lastInput = Number.NEGATIVE_INFINITY;
  let isPaused = false;
  let timer: NodeJS.Timeout | undefined;

  const paint = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (newest === undefined || isPaused) return;
    const {columns, rows} = size();
    const lines = newest.split('\n').slice(0, rows);
    while (lines.length < rows) lines.push('');
    const changes = lines.map((line, row) =>
      line === (shown?.[row] ?? '') ? '' : lineAtRow(row, line, columns),
    );
    const text = (shown === undefined ? clearScreen : '') + changes.join('');
    shown = lines;
    if (text === '') return;
    lastPaint = now();
    write(synchronizedUpdate(text));
  };

  const gap = (): number => {
    if (now() - lastInput >= answerMs) return idleGapMs;
    return lastPaint < lastInput ? firstGapMs : answerGapMs;
  };

  const plan = (): void => {
    if (newest === undefined || isPaused) return;
    const wait = lastPaint + gap() - now();
    if (wait <= 0) return paint();
    clearTimeout(timer);
    timer = setTimeout(paint, Math.ceil(wait));
  };

  return {
    show(frame) {
      newest = stripControls(frame); // whatever a view let through, it is text and colours that reach the terminal
      plan();
    },
    paintSoon() {
      lastInput = now();
      if (timer !== undefined) plan();
    },
    invalidate() {
      shown = undefined;
      plan();
    },
    pause() {
      isPaused = true;
      clearTimeout(timer);
      timer = undefined;
    },
    resume() {
      isPaused = false;
      shown = undefined;
      paint();
    },
  };
}
