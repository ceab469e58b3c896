import {UsageError} from '../../base/errors.js';
import {approximateWidth} from '../terminal/text-width.js';
import {safeJson, safeText} from '../text/safe-text.js';
import {csvHeader, csvLine} from './csv.js';
import type {OutputFormat, Presenter} from './presenter.js';

/**
 * Returns a formatter for the rows of an endless stream; each result ends with a line break. Table columns have fixed widths,
 * since later rows are unknown; a longer cell pushes the rest of its line to the right. Throws UsageError for json and yaml,
 * which are single documents.
 */
export function streamRowFormatter<Row>(
  format: OutputFormat,
  presenter: Presenter<Row>,
  widths: readonly number[],
): (row: Row) => string {
  const cellsOf = (row: Row): readonly string[] => presenter.columns.map(({cell}) => cell(row));
  switch (format) {
    case 'jsonl':
      return (row) => `${safeJson(presenter.record(row))}\n`;
    case 'tsv':
      return (row) => `${cellsOf(row).map(safeText).join('\t')}\n`;
    case 'csv':
      return (row) => `${csvLine(cellsOf(row))}\n`;
    case 'ids':
      return (row) => `${safeText(presenter.id(row))}\n`;
    case 'table':
    case 'wide':
      return (row) => `${padded(cellsOf(row).map(safeText), widths).trimEnd()}\n`;
    case 'json':
    case 'yaml':
      throw new UsageError(`cannot stream "${format}": it is a single document`, {hint: 'use -o jsonl'});
    default:
      return format satisfies never;
  }
}

/** Returns the header line; empty for formats that have none. */
export function streamHeader<Row>(
  format: OutputFormat,
  presenter: Presenter<Row>,
  widths: readonly number[],
  tsvHeader = false,
): string {
  const headers = presenter.columns.map(({header}) => header);
  if (format === 'csv') return `${csvHeader(headers)}\n`;
  if (format === 'tsv') return tsvHeader ? `${headers.join('\t')}\n` : '';
  return format === 'table' || format === 'wide' ? `${padded(headers, widths).trimEnd()}\n` : '';
}

function padded(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - approximateWidth(cell))))
    .join('  ');
}
