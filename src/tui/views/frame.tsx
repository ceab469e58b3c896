import {Text} from 'ink';
import type {ReactElement} from 'react';
import {frameLayout} from '../layout/layout.js';
import type {State} from '../model/state.js';
import {type Store, useStore} from '../model/store.js';
import {drawLine, emptyLine, type Line, type Pen} from '../text/line.js';
import {themes} from '../text/theme.js';
import {bannerLines} from './banner.js';
import {bodyLines} from './body.js';
import {dialogLines} from './dialog.js';
import {footerLines} from './footer.js';
import {headerLine, tabLine} from './header.js';

/** The pen without its theme, which the operator can change while the dashboard runs. */
type UnthemedPen = Omit<Pen, 'theme'>;

/** Draws the whole screen, again after each state change. */
export function Dashboard({
  store,
  tools,
}: {
  readonly store: Pick<Store, 'get' | 'subscribe'>;
  readonly tools: UnthemedPen;
}): ReactElement {
  return <FrameView state={useStore(store)} tools={tools} />;
}

/** Draws one frame. Each row is exactly as wide as the screen. */
function FrameView({state, tools}: {readonly state: State; readonly tools: UnthemedPen}): ReactElement {
  const pen = {...tools, theme: themes[state.theme]};
  const {columns} = state.size;
  const rows = frameLines(state, pen).map((line) => drawnOnce(line, columns, pen));
  return <Text>{rows.join('\n')}</Text>; // one Text element is much cheaper than one per row
}

interface Drawn {
  readonly columns: number;
  readonly theme: Pen['theme'];
  readonly text: string;
}

/** Rendered lines, reused by later frames. */
const drawn = new WeakMap<Line, Drawn>();

function drawnOnce(line: Line, columns: number, pen: Pen): string {
  const known = drawn.get(line);
  if (known?.columns === columns && known.theme === pen.theme) return known.text;
  const text = drawLine(line, columns, pen);
  drawn.set(line, {columns, theme: pen.theme, text});
  return text;
}

/** Returns all rows of the screen, from top to bottom. */
export function frameLines(state: State, pen: Pen): readonly Line[] {
  const frame = frameLayout(state);
  const top = [headerLine(state, pen), tabLine(state, pen), ...bannerLines(state, frame.banner)];
  const body = exactly(withDialog(state, bodyLines(state, pen), frame.body, pen), frame.body);
  return [...top, ...body, ...footerLines(state, pen)].slice(0, frame.rows);
}

/** Draws the dialog over the lower part of the body. */
function withDialog(state: State, body: readonly Line[], rows: number, pen: Pen): readonly Line[] {
  if (state.dialog === undefined) return body;
  const dialog = dialogLines(state, state.dialog, rows, pen);
  return [...exactly(body, rows - dialog.length), ...dialog];
}

function exactly(lines: readonly Line[], rows: number): readonly Line[] {
  const kept = lines.slice(0, Math.max(0, rows));
  return [...kept, ...Array.from({length: Math.max(0, rows - kept.length)}, () => emptyLine)];
}
