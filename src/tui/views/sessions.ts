import type {GateOutcome} from '../../cluster/cluster.js';
import {formatCount} from '../../output/text/humanize.js';
import {currentTableWindow, maxSampledRows} from '../layout/screen-layout.js';
import {sessionColumns} from '../layout/session-columns.js';
import {incompletelyListedGates, isUnableToList} from '../model/derived-state.js';
import type {SessionTableRow, State} from '../model/state.js';
import {type DrawStyle, dimSpan, type Line, lineOf, safeSpanText} from '../text/line.js';
import {tableLines} from './table-lines.js';

/** Draws the table of live sessions in the current order. */
export function sessionsView(state: State, style: DrawStyle): readonly Line[] {
  const {rows, marks, isAllChosen, answer} = state.sessions;
  const silent = new Set(
    answer?.outcomes.filter((one) => one.status === 'failed' && !isUnableToList(one)).map(({node}) => node),
  );
  const sign = ({key, vanished}: SessionTableRow): string => {
    if (vanished !== undefined) return style.ascii ? 'x' : '×';
    return isAllChosen || marks.has(key) ? '*' : ' ';
  };
  const {columns: width} = state.size;
  const lines = tableLines(
    {
      ...{
        columns: sessionColumns(state),
        rows,
        window: currentTableWindow(state),
        width,
        sign,
        now: state.now,
      },
      isOld: ({row}) => silent.has(row.node),
    },
    style,
  );
  if (rows.length > 0) return lines;
  return [...lines, ...emptyReason(state).map((text) => lineOf(dimSpan(`  ${text}`)))];
}

/**
 * Explains why the table is empty. Reports "no session" only if every gate has answered in full.
 */
function emptyReason(state: State): readonly string[] {
  const {sessions, filters, gates} = state;
  if (gates.size === 0) return ['no gates found yet'];
  if (sessions.answer === undefined) return ['asking the gates …'];
  const {failed, unable, waiting, sampled} = incompletelyListedGates(state);
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
  return `none among the first ${formatCount(maxSampledRows)} of ${where}, which cannot filter: y gives the command that reads all`;
}
