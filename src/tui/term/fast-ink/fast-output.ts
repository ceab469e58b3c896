import {lineWidth} from './line-width.js';

/** A text or clip operation of Ink, in tree order. */
type Operation =
  | {readonly type: 'clip' | 'unclip'}
  | {
      readonly type: 'write';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly transformers: readonly ((line: string, index: number) => string)[];
    };

/** The members of Ink's Output that this file uses. */
interface Output {
  readonly width: number;
  readonly height: number;
  readonly operations: readonly Operation[];
  get(): {readonly output: string; readonly height: number};
}

export type InkOutputClass = new (options: {readonly width: number; readonly height: number}) => Output;

interface Piece {
  readonly x: number;
  readonly width: number;
  readonly line: string;
}

/**
 * Wraps Ink's Output, which puts each character into a grid of objects and joins them again, most
 * of the cost of a frame. Without clipping and overlaps, the returned class concatenates the lines
 * instead; otherwise it calls Ink's code.
 */
export function createFastOutput(Plain: InkOutputClass): InkOutputClass {
  return class extends Plain {
    override get(): {readonly output: string; readonly height: number} {
      const rows = rowsOf(this);
      const lines = rows?.map((pieces) => joined(pieces, this.width));
      if (lines === undefined || lines.includes(undefined)) return super.get();
      return {output: lines.join('\n'), height: this.height};
    }
  };
}

/** Returns the texts of each row; undefined if the fast path doesn't apply. */
function rowsOf({operations, height}: Output): Piece[][] | undefined {
  const rows: Piece[][] = Array.from({length: height}, () => []);
  for (const operation of operations) {
    if (operation.type !== 'write') return undefined;
    const {x, y, text, transformers} = operation;
    if (x < 0 || y < 0 || !Number.isInteger(x) || !Number.isInteger(y)) return undefined;
    const lines = text.includes('\n') ? text.split('\n') : [text];
    for (let index = 0; index < lines.length && y + index < height; index++) {
      let line = lines[index] ?? '';
      for (const transform of transformers) line = transform(line, index);
      const width = lineWidth(line);
      if (width === undefined) return undefined;
      if (width > 0) rows[y + index]?.push({x, width, line});
    }
  }
  return rows;
}

/** Joins the pieces of a row; undefined if texts overlap or start beyond the edge. */
function joined(pieces: Piece[], width: number): string | undefined {
  let line = '';
  let at = 0;
  for (const piece of pieces.some((next, index) => index > 0 && next.x < (pieces[index - 1]?.x ?? 0))
    ? pieces.toSorted((a, b) => a.x - b.x)
    : pieces) {
    if (piece.x < at || piece.x > width) return undefined;
    line += ' '.repeat(piece.x - at) + piece.line;
    at = piece.x + piece.width;
  }
  if (at < width) line += ' ';
  return line.trimEnd();
}
