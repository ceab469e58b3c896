import {type HelpRow, helpRows} from '../keymap/key-help.js';
import {activeWindow} from '../layout/layout.js';
import type {State} from '../model/state.js';
import {dim, fitToWidth, type Line, line, type Pen, safeSpanText, withTone} from '../text/line.js';

export function helpView(state: State, pen: Pen): readonly Line[] {
  const {top, height} = activeWindow(state);
  return helpRows(state)
    .slice(top, top + height)
    .map((row) => helpLine(row, pen));
}

function helpLine(row: HelpRow, pen: Pen): Line {
  switch (row.type) {
    case 'title':
      return line(withTone('head', ` ${row.text}`));
    case 'text':
      return line(`   ${safeSpanText(row.text)}`);
    case 'key': {
      const {label, help, keys} = row.binding;
      const others = keys.filter((key) => !label.toLowerCase().includes(key.toLowerCase()));
      const also = others.length === 0 ? '' : ` (${others.join(', ')})`;
      const off = row.why === undefined ? undefined : withTone('warn', `  off: ${safeSpanText(row.why)}`);
      return line('   ', withTone('accent', fitToWidth(label, 10, pen)), help, dim(also), off);
    }
    default:
      return row satisfies never;
  }
}
