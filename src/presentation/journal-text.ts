/** Searchable columns of a journal entry. */
export interface JournalText {
  readonly actor: string;
  readonly command: string;
  readonly target: string;
  readonly outcome: string;
  readonly reason: string;
}

/** Whether any column contains the text, ignoring case. */
export function journalTextMatches(
  {actor, command, target, outcome, reason}: JournalText,
  text: string,
): boolean {
  const needle = text.toLowerCase();
  return [actor, command, target, outcome, reason].some((column) => column.toLowerCase().includes(needle));
}
