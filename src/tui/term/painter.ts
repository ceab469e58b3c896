import {stripControls} from './fast-ink/control-characters.js';
import {clearScreenSequence, drawLineSequence, synchronizedFrame} from './screen-sequences.js';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

interface PainterOptions {
  readonly write: (text: string) => void;
  readonly size: () => ScreenSize;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Paints frames: only changed lines, at a limited rate. */
export interface Painter {
  /** Queues a frame, replacing one that has not been painted yet. */
  show(frame: string): void;
  /** Paints the next frame without delay. Called after input. */
  paintSoon(): void;
  /** Makes the next frame repaint the whole screen. */
  invalidate(): void;
  /** Stops writing until `resume`, which paints the newest frame. */
  pause(): void;
  resume(): void;
}

/** Minimum time between background frames, in milliseconds: at most 12 per second. */
const idleGapMs = 1000 / 12;
/** Delay of the first frame after a key, in milliseconds. */
const firstGapMs = 4;
/** Minimum time between further frames after a key, in milliseconds. */
const answerGapMs = 16;
/** How long frames count as the response to a key, in milliseconds. */
const answerMs = 100;

export function createPainter({write, size, now}: PainterOptions): Painter {
  let newest: string | undefined;
  let shown: readonly string[] | undefined; // undefined: the screen content is unknown
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
      line === (shown?.[row] ?? '') ? '' : drawLineSequence(row, line, columns),
    );
    const text = (shown === undefined ? clearScreenSequence : '') + changes.join('');
    shown = lines;
    if (text === '') return;
    lastPaint = now();
    write(synchronizedFrame(text));
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
      newest = stripControls(frame); // only text and colours reach the terminal, whatever a view emits
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
