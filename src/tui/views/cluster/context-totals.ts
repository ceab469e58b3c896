import {formatCount, formatPlural} from '../../../output/text/humanize.js';
import type {ContextTotals} from '../../dashboard-deps.js';
import type {State} from '../../model/state.js';
import type {DrawStyle, Line} from '../../text/line.js';
import type {ScreenColumn} from '../../text/table-columns.js';
import {tableLines} from '../table-lines.js';
import {blockTitle} from './line-blocks.js';

const sum = (rows: readonly ContextTotals[], of: (row: ContextTotals) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

function stateOf({isAsked, fault, gates, answering}: ContextTotals): string {
  if (fault !== undefined) return `! ${fault}`;
  if (!isAsked) return 'connecting …';
  return answering === gates ? 'live' : `! PARTIAL, ${answering} of ${formatPlural(gates, 'gate')}`;
}

const number = (of: (row: ContextTotals) => number) => (row: ContextTotals) =>
  row.isAsked ? formatCount(of(row)) : '-';

const columns: readonly ScreenColumn<ContextTotals>[] = [
  {header: 'CONTEXT', cell: ({name}) => name, priority: 0, maxWidth: 30, canTruncate: true},
  {header: 'GATES', cell: number(({gates}) => gates), align: 'right', priority: 3},
  {header: 'SESSIONS', cell: number(({sessions}) => sessions), align: 'right', priority: 1},
  {header: 'BOUND', cell: number(({bound}) => bound), align: 'right', priority: 4},
  {header: 'NOT STORED', cell: number(({dirty}) => dirty), align: 'right', priority: 5},
  {
    header: 'STATE',
    cell: stateOf,
    priority: 2,
    canTruncate: true,
    tone: (row) =>
      stateOf(row) === 'live' ? 'good' : row.isAsked || row.fault !== undefined ? 'bad' : 'warn',
  },
];

/**
 * Draws the totals of each context and of all contexts together. Returns no lines without
 * `--contexts`.
 */
export function contextTotalLines(
  {contextTotals: totals, size}: State,
  rows: number,
  style: DrawStyle,
): readonly Line[] {
  if (rows === 0) return [];
  const all: ContextTotals = {
    name: 'all contexts',
    isAsked: totals.some(({isAsked}) => isAsked),
    gates: sum(totals, ({gates}) => gates),
    answering: sum(totals, ({answering}) => answering),
    sessions: sum(totals, ({sessions}) => sessions),
    bound: sum(totals, ({bound}) => bound),
    dirty: sum(totals, ({dirty}) => dirty),
    fault: faultOf(totals),
  };
  const shown = [...totals, all];
  const window = {top: 0, height: shown.length, index: -1};
  const table = tableLines({columns, rows: shown, window, width: size.columns, hasCursor: false}, style);
  return [blockTitle('CONTEXTS', ':context <name> opens one', size.columns, style), ...table].slice(0, rows);
}

/** Returns a warning that the totals lack a context; undefined if they include all. */
function faultOf(totals: readonly ContextTotals[]): string | undefined {
  const missing = totals.filter(({isAsked, fault}) => !isAsked || fault !== undefined).length;
  return missing === 0 ? undefined : `PARTIAL, without ${formatPlural(missing, 'context')}`;
}
