import {safeText} from '../text/safe-text.js';

/** Text that a spreadsheet would run as a formula (ASVS 1.2.10), including full-width forms. */
const formula = /^[=+\-@＝＋－＠]/;

/** Formats one line of RFC 4180. Cells are escaped for terminals first; then a formula gets a leading `'`. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

function csvCell(text: string): string {
  const safe = safeText(text);
  const inert = formula.test(safe) ? `'${safe}` : safe;
  return /[",]|^ | $/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
