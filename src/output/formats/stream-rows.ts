import {UsageError} from '../../base/errors.js';
import {approximateWidth, truncate} from '../terminal/width.js';
import {safeJson, safeText} from '../text/safe-text.js';
import {csvLine} from './csv.js';
import type {Format, Presenter} from './presenter.js';

/**
 * How one row of something without an end is written at once, with its line break. People get columns of fixed widths,
 * since nobody knows what is still to come; of those, the columns named in `cut` never grow wider. Throws UsageError for a format that is one document.
 */
export function streamRowFormatter<Row>(
  format: Format,
  sheet: Presenter<Row>,
  widths: readonly number[],
  cut: readonly string[] = [],
): (row: Row) => string {
  const cellsOf = (row: Row): readonly string[] => sheet.columns.map(({cell}) => cell(row));
  const isCut = sheet.columns.map(({header}) => cut.includes(header));
  const shownCells = (cells: readonly string[]): readonly string[] =>
    cells.map((cell, at) =>
      isCut[at] === true ? truncate(safeText(cell), widths[at] ?? 0, approximateWidth) : safeText(cell),
    );
  switch (format) {
    case 'jsonl':
      return (row) => `${safeJson(sheet.record(row))}\n`;
    case 'tsv':
      return (row) => `${cellsOf(row).map(safeText).join('\t')}\n`;
    case 'csv':
      return (row) => `${csvLine(cellsOf(row))}\n`;
    case 'ids':
      return (row) => `${safeText(sheet.id(row))}\n`;
    case 'table':
    case 'wide':
      return (row) => `${padded(shownCells(cellsOf(row)), widths).trimEnd()}\n`;
    case 'json':
    case 'yaml':
      throw new UsageError(`"${format}" is one document, and this has no end`, {hint: 'use -o jsonl'});
    default:
      return format satisfies never;
  }
}

/** The line before the first row; empty in formats that have none. */
export function streamHeader<Row>(format: Format, sheet: Presenter<Row>, widths: readonly number[]): string {
  const headers = sheet.columns.map(({header}) => header);
  if (format === 'csv') return `${csvLine(headers)}\n`;
  return format === 'table' || format === 'wide' ? `${padded(headers, widths).trimEnd()}\n` : '';
}

function padded(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, at) => cell + ' '.repeat(Math.max(0, (widths[at] ?? 0) - approximateWidth(cell))))
    .join('  ');
}
