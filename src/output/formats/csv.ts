import {safeText} from '../text/safe-text.js';

/** What a spreadsheet takes for a formula (ASVS 1.2.10), full-width forms too. */
const formula = /^[=+\-@＝＋－＠]/;

/** One line of RFC 4180. A cell is safe for a terminal first, and then for a spreadsheet: a formula gets a `'` before it. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

function csvCell(text: string): string {
  const safe = safeText(text);
  const calm = formula.test(safe) ? `'${safe}` : safe;
  return /[",]|^ | $/.test(calm) ? `"${calm.replaceAll('"', '""')}"` : calm;
}
