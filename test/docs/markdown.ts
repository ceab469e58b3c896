/** A Markdown table. Cells are text or Markdown; a pipe in them is escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Plain text as Markdown shows it. */
export const plain = (text: string): string => text.replace(/[<*_`]/g, (character) => `\\${character}`);

export const code = (text: string): string => `\`${text}\``;
