import type {GateOutcome} from '../../cluster/cluster.js';
import {groupedDigits} from '../../output/text/humanize.js';
import {activeWindow, sampleRows} from '../layout/layout.js';
import {sessionColumns} from '../layout/session-columns.js';
import {isUnable, unknownGates} from '../model/selectors.js';
import type {ShownRow, State} from '../model/state.js';
import {dim, type Line, line, type Pen, safeSpanText} from '../text/line.js';
import {tableLines} from './rows.js';

/** Draws the table of live sessions in the current order. */
export function sessionsView(state: State, pen: Pen): readonly Line[] {
  const {rows, marks, isAllChosen, answer} = state.sessions;
  const silent = new Set(
    answer?.outcomes.filter((one) => one.status === 'failed' && !isUnable(one)).map(({node}) => node),
  );
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
  if (rows.length > 0) return lines;
  return [...lines, ...emptyReason(state).map((text) => line(dim(`  ${text}`)))];
}

/**
 * Explains why the table is empty. Reports "no session" only if every gate has answered in full.
 */
function emptyReason(state: State): readonly string[] {
  const {sessions, filters, gates} = state;
  if (gates.size === 0) return ['no gates found yet'];
  if (sessions.answer === undefined) return ['asking the gates …'];
  const {failed, unable, waiting, sampled} = unknownGates(state);
  if (sampled.length > 0) return [sampledText(sampled)];
  if (waiting.length > 0) return [`no session so far; waiting for ${safeSpanText(waiting.join(', '))}`];
  if (failed.length > 0) return ['no session on the gates that answered; the others are named above'];
  if (unable.length > 0) return unableTexts(unable, state);
  return [
    filters.sessions.text === ''
      ? 'no session is connected'
      : 'no session matches the filter (Esc clears it)',
  ];
}

/**
 * Explains which gates cannot list, in lines of at most 80 columns. With a tap, adds when a client
 * appears.
 */
function unableTexts(unable: readonly GateOutcome[], {tap}: State): readonly string[] {
  const texts = unable.map(({node, message = `${node} cannot list`}) => safeSpanText(message));
  const lines = texts.flatMap((text) => text.split(/(?<=mqant gate:) /));
  return tap === undefined ? lines : [...lines, 'a client is shown after its next request'];
}

/** Explains that gates without filter support were read only in part, so a match may exist. */
function sampledText(sampled: readonly string[]): string {
  const where = safeSpanText(sampled.join(', '));
  return `none among the first ${groupedDigits(sampleRows)} of ${where}, which cannot filter: y gives the command that reads all`;
}
