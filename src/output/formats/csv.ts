import {safeText} from '../text/safe-text.js';

/** Matches text that a spreadsheet would run as a formula (ASVS 1.2.10), including full-width forms. */
const formula = /^[=+\-@＝＋－＠]/;

/** Formats one CSV line (RFC 4180). Escapes cells for terminals, then puts `'` before formulas. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(',');
}

/** Formats the CSV header. Quotes a leading `ID`, because Excel mistakes a file that begins with it for an SYLK file. */
export function csvHeader(headers: readonly string[]): string {
  const line = csvLine(headers);
  return line.startsWith('ID') ? line.replace(/^[^,]*/, '"$&"') : line;
}

function csvCell(text: string): string {
  const safe = safeText(text);
  const inert = formula.test(safe) ? `'${safe}` : safe;
  return /[",]|^ | $/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
