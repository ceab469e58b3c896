/** Searchable columns of a journal entry. */
export interface JournalEntryText {
  readonly actor: string;
  readonly command: string;
  readonly target: string;
  readonly outcome: string;
  readonly reason: string;
  /** Users of the changed sessions. */
  readonly uids: readonly string[];
}

/** Whether any column or uid contains the text, ignoring case. */
export function matchesJournalEntry(
  {actor, command, target, outcome, reason, uids}: JournalEntryText,
  text: string,
): boolean {
  const needle = text.toLowerCase();
  return [actor, command, target, outcome, reason, ...uids].some((column) =>
    column.toLowerCase().includes(needle),
  );
}
