/** What a write can be found by: the words that a table of the journal shows. */
export interface JournalText {
  readonly actor: string;
  readonly command: string;
  readonly target: string;
  readonly outcome: string;
  readonly reason: string;
}

/** Whether one of them holds the text, in capitals or not. */
export function journalTextMatches(
  {actor, command, target, outcome, reason}: JournalText,
  text: string,
): boolean {
  const sought = text.toLowerCase();
  return [actor, command, target, outcome, reason].some((word) => word.toLowerCase().includes(sought));
}
