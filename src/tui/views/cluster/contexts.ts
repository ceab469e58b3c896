import {groupedDigits, plural} from '../../../output/text/humanize.js';
import type {SideCluster} from '../../dashboard-deps.js';
import type {State} from '../../model/state.js';
import type {ScreenColumn} from '../../text/columns.js';
import type {Line, Pen} from '../../text/line.js';
import {tableLines} from '../rows.js';
import {blockTitle} from './blocks.js';

const sum = (rows: readonly SideCluster[], of: (row: SideCluster) => number): number =>
  rows.reduce((total, row) => total + of(row), 0);

function stateOf({isAsked, fault, gates, answering}: SideCluster): string {
  if (fault !== undefined) return `! ${fault}`;
  if (!isAsked) return 'connecting …';
  return answering === gates ? 'live' : `! PARTIAL, ${answering} of ${plural(gates, 'gate')}`;
}

const number = (of: (row: SideCluster) => number) => (row: SideCluster) =>
  row.isAsked ? groupedDigits(of(row)) : '-';

const columns: readonly ScreenColumn<SideCluster>[] = [
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
export function contextLines({sides, size}: State, rows: number, pen: Pen): readonly Line[] {
  if (rows === 0) return [];
  const all: SideCluster = {
    name: 'all contexts',
    isAsked: sides.some(({isAsked}) => isAsked),
    gates: sum(sides, ({gates}) => gates),
    answering: sum(sides, ({answering}) => answering),
    sessions: sum(sides, ({sessions}) => sessions),
    bound: sum(sides, ({bound}) => bound),
    dirty: sum(sides, ({dirty}) => dirty),
    fault: faultOf(sides),
  };
  const shown = [...sides, all];
  const window = {top: 0, height: shown.length, index: -1};
  const table = tableLines({columns, rows: shown, window, width: size.columns, hasCursor: false}, pen);
  return [blockTitle('CONTEXTS', ':context <name> opens one', size.columns, pen), ...table].slice(0, rows);
}

/** Returns a warning that the totals lack a context; undefined if they include all. */
function faultOf(sides: readonly SideCluster[]): string | undefined {
  const missing = sides.filter(({isAsked, fault}) => !isAsked || fault !== undefined).length;
  return missing === 0 ? undefined : `PARTIAL, without ${plural(missing, 'context')}`;
}
