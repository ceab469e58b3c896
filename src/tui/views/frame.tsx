import {Text} from 'ink';
import type {ReactElement} from 'react';
import {frameLayout} from '../layout/screen-layout.js';
import type {State} from '../model/state.js';
import {type Store, useStore} from '../model/store.js';
import {type DrawStyle, drawLine, emptyLine, type Line} from '../text/line.js';
import {themes} from '../text/theme.js';
import {bodyLines} from './body-lines.js';
import {dialogLines} from './dialog.js';
import {footerLines, offerLines} from './footer.js';
import {gateProblemLines} from './gate-problem-lines.js';
import {headerLine, tabLine} from './header.js';

/** The style without its theme, which the operator can change while the dashboard runs. */
type UnthemedPen = Omit<DrawStyle, 'theme'>;

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
  const style = {...tools, theme: themes[state.theme]};
  const {columns} = state.size;
  const rows = frameLines(state, style).map((line) => drawnOnce(line, columns, style));
  return <Text>{rows.join('\n')}</Text>; // one Text element is much cheaper than one per row
}

interface Drawn {
  readonly columns: number;
  readonly theme: DrawStyle['theme'];
  readonly text: string;
}

/** Rendered lines, reused by later frames. */
const drawn = new WeakMap<Line, Drawn>();

function drawnOnce(line: Line, columns: number, style: DrawStyle): string {
  const known = drawn.get(line);
  if (known?.columns === columns && known.theme === style.theme) return known.text;
  const text = drawLine(line, columns, style);
  drawn.set(line, {columns, theme: style.theme, text});
  return text;
}

/** Returns all rows of the screen, from top to bottom. */
export function frameLines(state: State, style: DrawStyle): readonly Line[] {
  const frame = frameLayout(state);
  const top = [headerLine(state, style), tabLine(state, style), ...gateProblemLines(state, frame.banner)];
  const body = exactly(withDialog(state, bodyLines(state, style), frame.body, style), frame.body);
  return [...top, ...body, ...footerLines(state, style)].slice(0, frame.rows);
}

/** Draws the dialog, or the completions of the prompt, over the lower part of the body. */
function withDialog(state: State, body: readonly Line[], rows: number, style: DrawStyle): readonly Line[] {
  const dialog =
    state.dialog === undefined
      ? offerLines(state, style).slice(0, rows)
      : dialogLines(state, state.dialog, rows, style);
  if (dialog.length === 0) return body;
  return [...exactly(body, rows - dialog.length), ...dialog];
}

function exactly(lines: readonly Line[], rows: number): readonly Line[] {
  const kept = lines.slice(0, Math.max(0, rows));
  return [...kept, ...Array.from({length: Math.max(0, rows - kept.length)}, () => emptyLine)];
}
