import {groupedDigits} from '../../output/text/humanize.js';
import {activeWindow, sampleRows} from '../layout/layout.js';
import {sessionColumns} from '../layout/session-columns.js';
import {unknownGates} from '../model/selectors.js';
import type {ShownRow, State} from '../model/state.js';
import {dim, type Line, line, type Pen, safeSpanText} from '../text/line.js';
import {tableLines} from './rows.js';

/** The live sessions: the first of them in the order of the table. */
export function sessionsView(state: State, pen: Pen): readonly Line[] {
  const {rows, marks, isAllChosen, answer} = state.sessions;
  const silent = new Set(answer?.outcomes.filter(({status}) => status === 'failed').map(({node}) => node));
  const sign = ({key, vanished}: ShownRow): string => {
    if (vanished !== undefined) return pen.ascii ? 'x' : '×';
    return isAllChosen || marks.has(key) ? '*' : ' ';
  };
  const {columns: width} = state.size;
  const lines = tableLines(
    {
      ...{columns: sessionColumns(state), rows, window: activeWindow(state), width, sign},
      isOld: ({row}) => silent.has(row.node),
    },
    pen,
  );
  return rows.length === 0 ? [...lines, line(dim(`  ${nobody(state)}`))] : lines;
}

/** Why the table is empty. That there is nobody may only be said when every gate has told all it has. */
function nobody(state: State): string {
  const {sessions, filters, gates} = state;
  if (gates.size === 0) return 'no gate is known yet';
  if (sessions.answer === undefined) return 'asking the gates …';
  const {failed, waiting, sampled} = unknownGates(state);
  if (sampled.length > 0) return sampledText(sampled);
  if (waiting.length > 0) return `nobody so far; ${safeSpanText(waiting.join(', '))} has not answered yet`;
  if (failed.length > 0) return 'nobody on the gates that answered; the others are named above';
  return filters.sessions.text === ''
    ? 'no session is connected'
    : 'no session matches the filter (Esc clears it)';
}

/** A gate that can't filter was not read to its end, so whether a session matches is open. */
function sampledText(sampled: readonly string[]): string {
  const where = safeSpanText(sampled.join(', '));
  return `none among the first ${groupedDigits(sampleRows)} of ${where}, which can't filter: y gives the command that reads all`;
}
