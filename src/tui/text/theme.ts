import type {ThemeName} from '../dashboard-deps.js';

/** What a piece of text means. No meaning is told by colour alone: each has a word or a sign beside it. */
export type Tone =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'head'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  | 'cursor'
  | 'bar';

type Sgr = readonly [open: string, close: string];

/** Opens and closes a tone in the terminal's own sixteen colours, so that it fits whatever palette is in use. */
export type Theme = Readonly<Record<Tone, Sgr>>;

const sgr = (open: string, close: string): Sgr => [`\u001b[${open}m`, `\u001b[${close}m`];
const bold = sgr('1', '22');
const inverse = sgr('7', '27');
const nothing: Sgr = ['', ''];

const plain: Theme = {
  plain: nothing,
  dim: nothing,
  strong: bold,
  head: bold,
  accent: bold,
  good: nothing,
  warn: bold,
  bad: bold,
  cursor: inverse,
  bar: inverse,
};

export const themes: Readonly<Record<ThemeName, Theme>> = {
  default: {
    ...plain,
    dim: sgr('90', '39'),
    head: sgr('1;36', '22;39'),
    accent: sgr('36', '39'),
    good: sgr('32', '39'),
    warn: sgr('33', '39'),
    bad: sgr('1;31', '22;39'),
  },
  // yellow and cyan cannot be read on white
  light: {
    ...plain,
    dim: sgr('2', '22'),
    head: sgr('1;34', '22;39'),
    accent: sgr('34', '39'),
    good: sgr('32', '39'),
    warn: sgr('35', '39'),
    bad: sgr('1;31', '22;39'),
  },
  none: plain,
};
