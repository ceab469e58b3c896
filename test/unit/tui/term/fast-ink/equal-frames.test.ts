import {createRequire} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {styledCharsFromTokens, styledCharsToString, tokenize} from '@alcalzone/ansi-tokenize';
import fc from 'fast-check';
import {beforeAll, describe, expect, test, vi} from 'vitest';
import {createFastOutput, type InkOutputClass} from '../../../../../src/tui/term/fast-ink/fast-output.js';
import {type InkBundle, inkBundle} from '../../../../support/ink-bundles.js';
import {runs} from '../../../../support/tiers.js';

const esc = '\u001b';
const red = (text: string): string => `${esc}[31m${text}${esc}[39m`;
const onBlue = (text: string): string => `${esc}[44m${text}${esc}[49m`;

/** Ink's own class, which its package does not export. */
async function stockOutput(): Promise<InkOutputClass> {
  const ink = path.dirname(createRequire(import.meta.url).resolve('ink'));
  const module = (await import(pathToFileURL(path.join(ink, 'output.js')).href)) as {default: InkOutputClass};
  return module.default;
}

type Writable = InstanceType<InkOutputClass> & {
  write(x: number, y: number, text: string, options: {transformers: unknown[]}): void;
  clip(area: {x1?: number; x2?: number; y1?: number; y2?: number}): void;
  unclip(): void;
};

interface Piece {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

function frame(Output: InkOutputClass, pieces: readonly Piece[], transformers: unknown[] = []): string {
  const output = new Output({width: 40, height: 6}) as Writable;
  for (const {x, y, text} of pieces) output.write(x, y, text, {transformers});
  return output.get().output;
}

const byCode = (one: {code: string}, other: {code: string}): number => (one.code < other.code ? -1 : 1);

/** A frame by what it shows: characters and their colours, in whatever order the colours are switched on and off. */
function shown(text: string): string {
  return text
    .split('\n')
    .map((line) => styledCharsFromTokens(tokenize(line)))
    .map((line) => line.map((char) => ({...char, styles: char.styles.toSorted(byCode)})))
    .map(styledCharsToString)
    .join('\n');
}

describe('Output', () => {
  let Stock: InkOutputClass;
  let Fast: InkOutputClass;
  beforeAll(async () => {
    Stock = await stockOutput();
    Fast = createFastOutput(Stock);
  });

  const word = fc.constantFrom(
    'alpha',
    'a b  ',
    '  ',
    '│ ok ─ › …',
    '漢字',
    red('red'),
    onBlue('   '),
    `${onBlue(red('both'))}x`,
    'é·',
    '▁▂▃▄',
    'two\nlines',
    `${red('a')}\n${red('b')}`,
    'e\u0301', // a letter and its accent
    '👩‍💻 at work',
    '\u200b',
    'a\tb',
  );
  const piece = fc.record({x: fc.nat(45), y: fc.nat(7), text: word});

  test('shows the same rows as Ink, with and without overlapping texts', () => {
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 8}), (pieces) => {
        expect(shown(frame(Fast, pieces))).toBe(shown(frame(Stock, pieces)));
      }),
      {numRuns: runs(1500)},
    );
  });

  test('applies transformers to each line with its index', () => {
    const numbered = (line: string, index: number): string => `${index}:${line}`;
    const pieces = [{x: 3, y: 1, text: 'one\ntwo'}];
    expect(frame(Fast, pieces, [numbered, red])).toBe(frame(Stock, pieces, [numbered, red]));
  });

  test('clips like Ink', () => {
    const clipped = (Output: InkOutputClass): string => {
      const output = new Output({width: 20, height: 3}) as Writable;
      output.clip({x1: 2, x2: 8, y1: 0, y2: 2});
      output.write(0, 0, 'a long line that is cut', {transformers: []});
      output.unclip();
      return output.get().output;
    };
    expect(clipped(Fast)).toBe(clipped(Stock));
  });

  test('uses the fast path for the rows of a table', () => {
    const long = vi.spyOn(Stock.prototype, 'get');
    const rows = Array.from({length: 6}, (_, y) => ({x: 0, y, text: `${red('●')} row ${y} ▁▂▃ … 漢字`}));
    frame(Fast, rows);
    expect(long).not.toHaveBeenCalled();
    frame(Fast, [...rows, {x: 2, y: 2, text: 'over it'}]);
    expect(long).toHaveBeenCalledTimes(1);
    long.mockRestore();
  });
});

describe('Ink in the program', () => {
  let stock: InkBundle;
  let fast: InkBundle;
  beforeAll(async () => {
    process.env['FORCE_COLOR'] = '3'; // chalk decides when it is loaded
    [stock, fast] = await Promise.all([inkBundle('stock'), inkBundle('fast')]);
    delete process.env['FORCE_COLOR'];
  });

  type Tree = (ink: InkBundle) => Parameters<InkBundle['renderToString']>[0];
  const trees: Record<string, Tree> = {
    'a table of cells': ({createElement: h, Box, Text}) =>
      h(
        Box,
        {flexDirection: 'column'},
        ...Array.from({length: 12}, (_, row) =>
          h(
            Box,
            {key: row},
            ...Array.from({length: 6}, (_, column) =>
              h(
                Box,
                {key: column, width: 10},
                h(Text, {color: column % 2 ? 'green' : 'cyan', bold: row === 3}, `r${row}c${column}`),
              ),
            ),
          ),
        ),
      ),
    'borders, titles, nesting': ({createElement: h, Box, Text}) =>
      h(
        Box,
        {borderStyle: 'round', borderColor: 'blue', padding: 1, width: 60, flexDirection: 'column'},
        h(Text, {inverse: true}, ' overview '),
        h(Box, {justifyContent: 'space-between'}, h(Text, null, 'left'), h(Text, {dimColor: true}, 'right')),
        h(Text, null, 'plain ', h(Text, {color: '#ff8800', underline: true}, 'inner'), ' rest'),
      ),
    'wrapping and cutting': ({createElement: h, Box, Text}) =>
      h(
        Box,
        {flexDirection: 'column', width: 24},
        h(Text, null, 'a sentence that is far too long for its box and wraps'),
        h(Text, {wrap: 'truncate'}, 'a sentence that is far too long and is cut'),
        h(Text, {wrap: 'truncate-middle', color: 'red'}, 'a sentence that is far too long and is cut'),
        h(Text, {wrap: 'truncate-start'}, '漢字漢字漢字漢字漢字漢字漢字漢字'),
      ),
    'wide, joined and hidden characters': ({createElement: h, Box, Text}) =>
      h(
        Box,
        {flexDirection: 'column', borderStyle: 'single', width: 40},
        h(Text, null, '漢字 かな 한글 é e\u0301'),
        h(Text, null, '👩‍💻 👍🏽 🇩🇪 ☎ ☎️ ▶ 1️⃣'),
        h(Text, {backgroundColor: 'yellow'}, ' padded '),
      ),
    clipping: ({createElement: h, Box, Text}) =>
      h(Box, {height: 2, width: 12, overflow: 'hidden'}, h(Text, null, 'one line\ntwo lines\nthree lines')),
    'one text over another': ({createElement: h, Box, Text}) =>
      h(
        Box,
        {width: 30, height: 3},
        h(Text, null, 'underneath, underneath'),
        h(Box, {position: 'absolute', marginLeft: 5}, h(Text, {color: 'magenta'}, 'above')),
      ),
    'sequences that do not belong': ({createElement: h, Text}) =>
      h(Text, null, `a${esc}[2Jb${esc}[1;31mc${esc}[0md\u009b31me`),
  };

  test.each(Object.entries(trees))('%s: equal to the package', (_, tree) => {
    const options = {columns: 80};
    const expected = stock.renderToString(tree(stock), options);
    expect(expected).not.toBe('');
    expect(fast.renderToString(tree(fast), options)).toBe(expected);
  });
});
