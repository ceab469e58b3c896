import {activeWindow} from '../layout.js';
import {sessionColumns} from '../session-columns.js';
import type {ShownRow, State} from '../state.js';
import {dim, type Line, line, type Pen} from '../text/line.js';
import {tableLines} from './rows.js';

/** The live sessions: the first of them in the order of the table. */
export function sessionsView(state: State, pen: Pen): readonly Line[] {
  const {rows, marks, isAll} = state.sessions;
  const sign = ({key, vanished}: ShownRow): string => {
    if (vanished !== undefined) return pen.ascii ? 'x' : '×';
    return isAll || marks.has(key) ? '*' : ' ';
  };
  const {columns: width} = state.size;
  const lines = tableLines(
    {columns: sessionColumns(state), rows, window: activeWindow(state), width, sign},
    pen,
  );
  return rows.length === 0 ? [...lines, line(dim(`  ${nobody(state)}`))] : lines;
}

/** Why the table is empty. That there is nobody may only be said when every gate has answered. */
function nobody({sessions, filters, gates}: State): string {
  const {answer} = sessions;
  if (gates.size === 0) return 'no gate is known yet';
  if (answer === undefined) return 'asking the gates …';
  if (answer.outcomes.some(({status}) => status === 'failed'))
    return 'nobody on the gates that answered; the others are named above';
  return filters.sessions.text === ''
    ? 'no session is connected'
    : 'no session matches the filter (Esc clears it)';
}
