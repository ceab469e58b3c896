import {safeText} from '../text/safe-text.js';

/** Text that a spreadsheet would run as a formula (ASVS 1.2.10), including full-width forms. */
const formula = /^[=+\-@＝＋－＠]/;

/** Formats one line of RFC 4180. Cells are escaped for terminals first; then a formula gets a leading `'`. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

/** Formats the header. Excel takes a file whose first bytes are `ID` for a SYLK file and refuses it, so that is quoted. */
export function csvHeader(headers: readonly string[]): string {
  const line = csvLine(headers);
  return line.startsWith('ID') ? line.replace(/^[^,]*/, '"$&"') : line;
}

function csvCell(text: string): string {
  const safe = safeText(text);
  const inert = formula.test(safe) ? `'${safe}` : safe;
  return /[",]|^ | $/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
