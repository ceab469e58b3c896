import {lineWidth} from './line-width.js';

/**
 * Maximum number of characters per cache generation. Ink's own caches are unbounded and grow by
 * about 600 MB an hour on a live screen.
 */
const keptCharacters = 200_000;

/** Returns a function that caches the results for recent texts, in two generations. */
function remembering<T>(answer: (key: string) => T): (key: string) => T {
  let known = new Map<string, T>();
  let older = new Map<string, T>();
  let characters = 0;
  return (key) => {
    const found = known.get(key) ?? older.get(key) ?? answer(key);
    if (!known.has(key)) {
      if (characters > keptCharacters) {
        older = known;
        known = new Map();
        characters = 0;
      }
      known.set(key, found);
      characters += key.length;
    }
    return found;
  };
}

/** Returns the width of the widest line, like the package widest-line. */
export function createWidestLine(stringWidth: (text: string) => number): (text: string) => number {
  return (text) => {
    if (!text.includes('\n')) return lineWidth(text) ?? stringWidth(text);
    return text.split('\n').reduce((most, line) => Math.max(most, lineWidth(line) ?? stringWidth(line)), 0);
  };
}

interface Dimensions {
  readonly width: number;
  readonly height: number;
}

/** Replaces Ink's measure-text. */
export function createMeasureText(widestLine: (text: string) => number): (text: string) => Dimensions {
  const measure = remembering((text) => ({width: widestLine(text), height: text.split('\n').length}));
  return (text) => (text === '' ? {width: 0, height: 0} : measure(text));
}

interface Wrapping {
  readonly wrap: (text: string, columns: number) => string;
  readonly truncate: (text: string, columns: number, position: 'start' | 'middle' | 'end') => string;
}

/** Replaces Ink's wrap-text. */
export function createWrapText({
  wrap,
  truncate,
}: Wrapping): (text: string, columns: number, how: string) => string {
  const compute = (text: string, columns: number, how: string): string => {
    if (how === 'wrap') return wrap(text, columns);
    if (how === 'truncate-middle') return truncate(text, columns, 'middle');
    if (how === 'truncate-start') return truncate(text, columns, 'start');
    return how.startsWith('truncate') ? truncate(text, columns, 'end') : text;
  };
  const remembered = remembering((key) => {
    const [columns = '', how = ''] = key.split(' ', 2);
    return compute(key.slice(columns.length + how.length + 2), Number(columns), how);
  });
  return (text, columns, how) => remembered(`${columns} ${how} ${text}`);
}
