import type {LocatedRecord} from '../../cluster/cluster.js';
import {formatCount} from '../../output/text/humanize.js';
import {recordPresenter} from '../../presentation/record-presenter.js';
import {currentTableWindow} from '../layout/screen-layout.js';
import type {RecordFieldRow} from '../model/record-field-rows.js';
import type {State} from '../model/state.js';
import {sortedRecordFields, sortedRecords} from '../model/tables/sorted-rows.js';
import {type DrawStyle, dimSpan, type Line, lineOf, safeSpanText} from '../text/line.js';
import type {ScreenColumn} from '../text/table-columns.js';
import {tableLines} from './table-lines.js';

const rank = ['UID', 'UNDECODABLE', 'ID', 'GATE', 'BYTES', 'REVISION', 'EXPIRES', 'READ BY'];

const columns: readonly ScreenColumn<LocatedRecord>[] = recordPresenter.columns.map((column) => ({
  header: column.header,
  cell: column.cell,
  align: column.align,
  priority: rank.indexOf(column.header),
  maxWidth: column.header === 'UNDECODABLE' ? 40 : 48,
  canTruncate: ['UID', 'UNDECODABLE', 'GATE', 'READ BY'].includes(column.header),
}));

/** Draws the table of stored records. */
export function recordsView(state: State, style: DrawStyle): readonly Line[] {
  const rows = sortedRecords(state);
  const sign = ({undecodable}: LocatedRecord): string => (undecodable === undefined ? ' ' : '!');
  const shown = rows.some(({undecodable}) => undecodable !== undefined)
    ? columns
    : columns.filter(({header}) => header !== 'UNDECODABLE');
  const lines = tableLines(
    {
      columns: shown,
      rows,
      window: currentTableWindow(state),
      width: state.size.columns,
      sign,
      sort: state.sorts.records,
    },
    style,
  );
  return rows.length > 0 ? lines : [...lines, lineOf(dimSpan(`  ${noRecords(state)}`))];
}

/** Explains why the table is empty. Reports "no records" only if every record was read. */
function noRecords({records, filters}: State): string {
  const {answer, isComplete, examined, fault} = records;
  if (fault !== undefined) return safeSpanText(fault);
  if (answer === undefined) return 'asking the storage …';
  if (answer.outcomes.some(({status}) => status === 'failed'))
    return 'no readable records; the line below names what is missing';
  if (!isComplete)
    return `none among the first ${formatCount(examined)} records: y gives the command that reads all`;
  return filters.records.text === '' ? 'no records' : 'no record matches the filter (Esc clears it)';
}

const recordColumns: readonly ScreenColumn<RecordFieldRow>[] = [
  {header: 'FIELD', cell: ({name}) => name, priority: 0, maxWidth: 36, canTruncate: true},
  {header: 'RECORD', cell: ({value}) => value, priority: 1, maxWidth: 70, canTruncate: true},
  {
    header: 'LIVE',
    cell: ({live, differs}) => live ?? (differs ? '(none)' : ''),
    priority: 2,
    maxWidth: 70,
    canTruncate: true,
    tone: ({differs}) => (differs ? 'warn' : 'dim'),
  },
];

/** Draws one record beside the user's live session. */
export function recordView(state: State, style: DrawStyle): readonly Line[] {
  const {shown} = state.records;
  const rows = sortedRecordFields(state);
  if (rows.length === 0)
    return [
      lineOf(`  uid ${safeSpanText(shown?.uid ?? '')}`),
      lineOf(dimSpan(`  ${safeSpanText(shown?.fault ?? 'asking the storage …')}`)),
    ];
  const sign = ({differs}: RecordFieldRow): string => (differs ? '!' : ' ');
  const isLive = (shown?.liveSessions.length ?? 0) > 0;
  const chosen = isLive ? recordColumns : recordColumns.slice(0, 2);
  return tableLines(
    {
      columns: chosen,
      rows,
      window: currentTableWindow(state),
      width: state.size.columns,
      sign,
      sort: state.sorts.record,
    },
    style,
  );
}
