import {type HelpScreenRow, helpScreenRows} from '../keymap/help-screen-rows.js';
import {currentTableWindow} from '../layout/screen-layout.js';
import type {State} from '../model/state.js';
import {
  type DrawStyle,
  dimSpan,
  fitToWidth,
  type Line,
  lineOf,
  safeSpanText,
  tonedSpan,
} from '../text/line.js';

export function helpView(state: State, style: DrawStyle): readonly Line[] {
  const {top, height} = currentTableWindow(state);
  return helpScreenRows(state)
    .slice(top, top + height)
    .map((row) => helpLine(row, style));
}

function helpLine(row: HelpScreenRow, style: DrawStyle): Line {
  switch (row.type) {
    case 'title':
      return lineOf(tonedSpan('head', ` ${row.text}`));
    case 'text':
      return lineOf(`   ${safeSpanText(row.text)}`);
    case 'key': {
      const {label, help, keys} = row.binding;
      const others = keys.filter((key) => !label.toLowerCase().includes(key.toLowerCase()));
      const also = others.length === 0 ? '' : ` (${others.join(', ')})`;
      const off = row.why === undefined ? undefined : tonedSpan('warn', `  off: ${safeSpanText(row.why)}`);
      return lineOf('   ', tonedSpan('accent', fitToWidth(label, 10, style)), help, dimSpan(also), off);
    }
    default:
      return row satisfies never;
  }
}
