/** Searchable columns of a journal entry. */
export interface JournalEntryText {
  readonly actor: string;
  readonly command: string;
  readonly target: string;
  readonly outcome: string;
  readonly reason: string;
}

/** Whether any column contains the text, ignoring case. */
export function matchesJournalEntry(
  {actor, command, target, outcome, reason}: JournalEntryText,
  text: string,
): boolean {
  const needle = text.toLowerCase();
  return [actor, command, target, outcome, reason].some((column) => column.toLowerCase().includes(needle));
}
