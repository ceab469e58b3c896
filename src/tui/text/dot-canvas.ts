import type {TextTone} from './theme.js';

/** Number of dots in a character cell, and the characters for their combinations. */
interface Dots {
  readonly across: number;
  readonly up: number;
  /**
   * Returns the character for a set of dots. Bit `x * up + y` is the dot in column x and row y,
   * counted from the lower left.
   */
  readonly glyph: (mask: number, series: number) => string;
}

/** Bits of a Braille character, by column and from the bottom up. */
const brailleBits = [0x40, 0x04, 0x02, 0x01, 0x80, 0x20, 0x10, 0x08] as const;

const braille: Dots = {
  across: 2,
  up: 4,
  glyph: (mask) => {
    const bits = brailleBits.reduce((sum, bit, at) => (mask & (1 << at) ? sum | bit : sum), 0);
    return String.fromCharCode(0x2800 + bits);
  },
};

const strokes = ['.', '-', "'"] as const;
const otherStrokes = [',', '+', '"'] as const;

const ascii: Dots = {
  across: 1,
  up: 3,
  glyph: (mask, series) => {
    const isTall = (mask & (mask - 1)) !== 0;
    if (isTall) return series === 0 ? '|' : ':';
    return (series === 0 ? strokes : otherStrokes)[Math.round(Math.log2(mask))] ?? ' ';
  },
};

interface Cell {
  readonly text: string;
  readonly tone: TextTone | undefined;
}

/**
 * A grid of dots, several per character cell. Where series overlap, the first one determines the
 * cell's tone.
 */
export class DotCanvas {
  readonly columns: number;
  readonly rows: number;
  private readonly dots: Dots;
  private readonly masks: Uint8Array[] = [];
  private readonly tones: TextTone[] = [];

  constructor(
    private readonly width: number,
    private readonly height: number,
    private readonly isAscii: boolean,
  ) {
    this.dots = isAscii ? ascii : braille;
    this.columns = width * this.dots.across;
    this.rows = height * this.dots.up;
  }

  /** Adds a series and returns its number. */
  addSeries(tone: TextTone): number {
    this.tones.push(tone);
    return this.masks.push(new Uint8Array(this.width * this.height)) - 1;
  }

  /** Sets the dots of one column between two rows, counted from the bottom. */
  fill(series: number, column: number, from: number, to: number): void {
    const {across, up} = this.dots;
    const mask = this.masks[series];
    if (mask === undefined || column < 0 || column >= this.columns) return;
    const [low, high] = from < to ? [from, to] : [to, from];
    for (let row = Math.max(0, low); row <= Math.min(this.rows - 1, high); row += 1) {
      const at = (this.height - 1 - Math.floor(row / up)) * this.width + Math.floor(column / across);
      mask[at] = (mask[at] ?? 0) | (1 << ((column % across) * up + (row % up)));
    }
  }

  /** Returns the cells of a row, counted from the top. */
  cells(row: number): readonly Cell[] {
    return Array.from({length: this.width}, (_, column) => this.cell(row * this.width + column));
  }

  private cell(at: number): Cell {
    const first = this.masks.findIndex((mask) => (mask[at] ?? 0) !== 0);
    if (first < 0) return {text: ' ', tone: undefined};
    const own = this.masks[first]?.[at] ?? 0;
    const all = this.masks.reduce((sum, mask) => sum | (mask[at] ?? 0), 0);
    return {text: this.dots.glyph(this.isAscii ? own : all, first), tone: this.tones[first]};
  }
}
