import type {Terminal} from '@xterm/headless';

/** What a terminal shows, as a picture: text stays text, so that it is sharp and can be searched. */
export function svgOf(terminal: Terminal, title: string): string {
  const {cols, rows} = terminal;
  const width = round(cols * cellWidth + 2 * margin);
  const height = rows * cellHeight + 2 * margin + barHeight;
  const lines = Array.from({length: rows}, (_, row) => lineOf(terminal, row)).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<rect width="${width}" height="${height}" rx="8" fill="${background}"/>
<text x="${width / 2}" y="20" fill="#8b949e" font-family="sans-serif" font-size="13" text-anchor="middle">${escaped(title)}</text>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" xml:space="preserve">
${lines}</g>
</svg>
`;
}

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;
const barHeight = 28;
const foreground = '#d0d7de';
const background = '#0d1117';
const palette =
  '#484f58 #ff7b72 #3fb950 #d29922 #58a6ff #bc8cff #39c5cf #b1bac4 #6e7681 #ffa198 #56d364 #e3b341 #79c0ff #d2a8ff #56d4dd #f0f6fc'.split(
    ' ',
  );

type Cell = NonNullable<
  ReturnType<NonNullable<ReturnType<Terminal['buffer']['active']['getLine']>>['getCell']>
>;

/** Cells beside each other that look the same. */
interface Run {
  readonly column: number;
  readonly width: number;
  readonly text: string;
  readonly fill: string;
  readonly back: string;
  readonly style: string;
}

function lineOf(terminal: Terminal, row: number): string {
  const y = margin + barHeight + row * cellHeight;
  return runsOf(terminal, row)
    .map(({column, width, text, fill, back, style}) => {
      const x = round(margin + column * cellWidth);
      const length = round(width * cellWidth);
      const rect =
        back === background
          ? ''
          : `<rect x="${x}" y="${y}" width="${length}" height="${cellHeight}" fill="${back}"/>\n`;
      if (text.trim() === '') return rect;
      return `${rect}<text x="${x}" y="${y + 13}" fill="${fill}" textLength="${length}"${style}>${escaped(text)}</text>\n`;
    })
    .join('');
}

function runsOf(terminal: Terminal, row: number): Run[] {
  const line = terminal.buffer.active.getLine(terminal.buffer.active.baseY + row);
  const runs: Run[] = [];
  for (let column = 0; line !== undefined && column < terminal.cols; column++) {
    const cell = line.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const run = runOf(cell, column);
    const last = runs.at(-1);
    const joins =
      last !== undefined && last.fill === run.fill && last.back === run.back && last.style === run.style;
    if (joins) runs[runs.length - 1] = {...last, width: last.width + run.width, text: last.text + run.text};
    else runs.push(run);
  }
  return runs;
}

function runOf(cell: Cell, column: number): Run {
  const own = colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor(), foreground);
  const behind = colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor(), background);
  const isInverse = cell.isInverse() !== 0;
  const style = [
    cell.isBold() ? ' font-weight="bold"' : '',
    cell.isDim() ? ' opacity="0.6"' : '',
    cell.isItalic() ? ' font-style="italic"' : '',
    cell.isUnderline() ? ' text-decoration="underline"' : '',
  ].join('');
  return {
    column,
    width: cell.getWidth(),
    text: cell.getChars() || ' ',
    fill: isInverse ? behind : own,
    back: isInverse ? own : behind,
    style,
  };
}

function colour(isRgb: boolean, isPalette: boolean, value: number, otherwise: string): string {
  if (isRgb) return `#${value.toString(16).padStart(6, '0')}`;
  return isPalette ? paletteColour(value) : otherwise;
}

/** xterm's 256 colours: 16 named, a cube of 6 levels, 24 greys. */
function paletteColour(index: number): string {
  if (index < 16) return palette[index] ?? foreground;
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const grey = 8 + (index - 232) * 10;
  const at = index - 16;
  const parts =
    index >= 232 ? [grey, grey, grey] : [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(level);
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

const round = (value: number): number => Math.round(value * 100) / 100;

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
