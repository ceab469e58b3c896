import type {HeaderColor, ThemeName} from '../dashboard-deps.js';

/** Meaning of a span of text. Colour never carries meaning alone: a word or sign accompanies it. */
export type TextTone =
  | 'plain'
  | 'dim'
  | 'strong'
  | 'head'
  | 'accent'
  | 'good'
  | 'warn'
  | 'bad'
  | 'cursor'
  /** Alerts that require immediate attention. */
  | 'alert'
  | 'bar'
  | `frame-${HeaderColor}`;

type Sgr = readonly [open: string, close: string];

/** Escape sequences that open and close each tone. Uses the terminal's 16 colours, so that themes fit any palette. */
export type Theme = Readonly<Record<TextTone, Sgr>>;

const sgr = (open: string, close: string): Sgr => [`\u001b[${open}m`, `\u001b[${close}m`];
const bold = sgr('1', '22');
const inverse = sgr('7', '27');
const nothing: Sgr = ['', ''];

/** Text on the context's colour; inverse without colours. */
const frames = {
  'frame-red': sgr('1;97;41', '22;39;49'),
  'frame-yellow': sgr('1;30;43', '22;39;49'),
  'frame-green': sgr('1;30;42', '22;39;49'),
  'frame-cyan': sgr('1;30;46', '22;39;49'),
  'frame-blue': sgr('1;97;44', '22;39;49'),
  'frame-magenta': sgr('1;97;45', '22;39;49'),
} as const;

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
  alert: sgr('1;7', '22;27'),
  bar: inverse,
  ...{'frame-red': inverse, 'frame-yellow': inverse, 'frame-green': inverse},
  ...{'frame-cyan': inverse, 'frame-blue': inverse, 'frame-magenta': inverse},
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
    alert: sgr('1;30;43', '22;39;49'),
    ...frames,
  },
  // Yellow and cyan are unreadable on white.
  light: {
    ...plain,
    dim: sgr('2', '22'),
    head: sgr('1;34', '22;39'),
    accent: sgr('34', '39'),
    good: sgr('32', '39'),
    warn: sgr('35', '39'),
    bad: sgr('1;31', '22;39'),
    ...frames,
  },
  none: plain,
};
