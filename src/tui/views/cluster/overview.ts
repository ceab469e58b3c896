import {formatDuration} from '../../../output/text/humanize.js';
import {type HealthAspect, healthLevel} from '../../../session/gate-health.js';
import {overviewLayout} from '../../layout/screen-layout.js';
import {tableWindow} from '../../model/derived-state.js';
import type {GateMetrics} from '../../model/gate-metrics.js';
import {overviewRowKeys} from '../../model/row-keys.js';
import type {State} from '../../model/state.js';
import {type OverviewRow, overviewRows} from '../../model/tables/overview-rows.js';
import {axisMaximum, axisNumberText} from '../../text/axis-scale.js';
import type {DrawStyle, Line} from '../../text/line.js';
import {sparkline} from '../../text/sparkline.js';
import type {ScreenColumn} from '../../text/table-columns.js';
import {tableLines} from '../table-lines.js';
import {contextTotalLines} from './context-totals.js';
import {metricViews} from './metric-views.js';
import {chartTimeRange, overviewPanelLines} from './overview-panel.js';

/**
 * Draws the table of gates and, below it, charts of the gate under the cursor, the latest notable
 * events, and anomalies.
 */
export function overviewView(state: State, style: DrawStyle): readonly Line[] {
  const {panel, rows: height, contexts} = overviewLayout(state);
  const rows = overviewRows(state);
  const window = tableWindow(state.tables.overview, overviewRowKeys(state), height);
  const width = state.size.columns;
  const table = tableLines(
    {
      columns: columnsOnce(state, rows, style),
      rows,
      window,
      width,
      isOld: (row) => row.isOld,
      sort: state.sorts.overview,
    },
    style,
  );
  const shown = rows[window.index];
  const above = [...table, ...contextTotalLines(state, contexts, style)];
  return shown === undefined ? above : [...above, ...overviewPanelLines(state, shown, panel, style)];
}

interface Kept {
  readonly rows: readonly OverviewRow[];
  readonly width: number;
  readonly isAscii: boolean;
  readonly columns: readonly ScreenColumn<OverviewRow>[];
}

/** Columns of the last frame. Rows are reused while the columns are unchanged. */
let last: Kept | undefined;

function columnsOnce(
  state: State,
  rows: readonly OverviewRow[],
  style: DrawStyle,
): readonly ScreenColumn<OverviewRow>[] {
  const {columns: width} = state.size;
  const isSame = last?.rows === rows && last.width === width && last.isAscii === style.ascii;
  if (last === undefined || !isSame)
    last = {rows, width, isAscii: style.ascii, columns: columnsFor(state, rows, style)};
  return last.columns;
}

/** Priority of a column while one of its values exceeds a threshold. */
const highPriority = 1.5;

const levelOf = ({metrics: {health}}: OverviewRow, aspect: HealthAspect): 'warn' | 'bad' | undefined =>
  health && healthLevel(health, aspect);

/**
 * Returns the table's columns. The sparklines of a column share one scale, whose maximum is in the
 * header. The row of all gates has no sparkline, because the charts show its history.
 */
function columnsFor(
  state: State,
  rows: readonly OverviewRow[],
  {ascii}: DrawStyle,
): readonly ScreenColumn<OverviewRow>[] {
  const bars = state.size.columns >= 180 ? 10 : 0;
  const gates = rows.filter(({id}) => id !== '');
  const isAtMost = ascii ? '<=' : '≤';
  const span = chartTimeRange(state);
  const mostOf = (name: keyof GateMetrics['history']): number =>
    axisMaximum(
      gates.flatMap(({metrics: {history}}) =>
        history[name].filter(({at}) => at >= span.from).map(({value}) => value),
      ),
    ) ?? 0;
  const lineOf = (
    {id, metrics}: OverviewRow,
    name: keyof GateMetrics['history'],
    most: number,
    width: number,
  ) =>
    id === '' && gates.length > 1
      ? ' '.repeat(width)
      : sparkline(metrics.history[name], width, {...span, most}, ascii);
  const metricColumns = metricViews.flatMap(({name, format, column}): ScreenColumn<OverviewRow>[] => {
    if (column === undefined) return [];
    const {header, aspect} = column;
    const tone = aspect && ((row: OverviewRow) => levelOf(row, aspect));
    const isHigh = tone !== undefined && gates.some((gate) => tone(gate) !== undefined);
    const priority = isHigh ? highPriority : column.priority;
    if (tone !== undefined) {
      const cell = (row: OverviewRow) =>
        `${tone(row) === undefined ? '' : '! '}${format(row.metrics.current[name])}`;
      return [{header, priority, align: 'right', tone, cell}];
    }
    if (bars === 0)
      return [{header, priority, align: 'right', cell: ({metrics}) => format(metrics.current[name])}];
    const most = mostOf(name);
    const cell = (row: OverviewRow): string =>
      `${format(row.metrics.current[name]).padStart(6)} ${lineOf(row, name, most, bars)}`;
    return [
      {header: `${header} ${isAtMost}${axisNumberText(most)}`, sort: header, priority, align: 'right', cell},
    ];
  });
  const most = bars === 0 ? mostOf('sessions') : 0;
  const trend: ScreenColumn<OverviewRow> = {
    header: `${formatDuration(span.to - span.from).toUpperCase()}, 0-${axisNumberText(most)}`,
    priority: 9,
    cell: (row) => lineOf(row, 'sessions', most, 20),
    tone: () => 'accent',
  };
  return [
    {header: 'GATE', cell: ({name}) => name, priority: 0, maxWidth: 48, canTruncate: true},
    {header: 'STATE', cell: ({status}) => status, priority: 1, tone: ({tone}) => tone},
    ...metricColumns,
    {
      ...{header: 'STORE', cell: ({metrics}) => metrics.store, priority: 3, maxWidth: 22, canTruncate: true},
      tone: ({metrics}) => ((metrics.current.dirty ?? 0) > 0 ? 'warn' : undefined),
    },
    ...(bars === 0 ? [trend] : []),
  ];
}
