import type {Journal, JournalIntent, JournalResult} from './journal.js';

/** One write: what was set out to do, and how it ended; without a result it was killed, or still runs. */
export interface JournalEntry {
  readonly intent: JournalIntent;
  readonly result: JournalResult | undefined;
}

export interface EntryFilter {
  readonly command?: string | undefined;
  /** A session id, a uid or a gate: anything that a change or the input names. */
  readonly target?: string | undefined;
  /** Unix milliseconds. */
  readonly since?: number | undefined;
}

/** The entries in the order they were begun. */
export async function journalEntries(
  journal: Journal,
  filter: EntryFilter = {},
): Promise<readonly JournalEntry[]> {
  const entries = new Map<string, JournalEntry>();
  for await (const line of journal.read()) {
    if (line.phase === 'intent') entries.set(line.id, {intent: line, result: undefined});
    else {
      const begun = entries.get(line.id);
      if (begun !== undefined) entries.set(line.id, {...begun, result: line});
    }
  }
  return [...entries.values()].filter((entry) => matches(entry, filter));
}

function matches({intent, result}: JournalEntry, {command, target, since}: EntryFilter): boolean {
  if (command !== undefined && intent.command !== command) return false;
  if (since !== undefined && Date.parse(intent.at) < since) return false;
  return target === undefined || [...namesIn(intent.input), ...namesIn(result?.changes)].includes(target);
}

/** Every text in a value, and the parts of `Gate@id/<session id>` and `record <uid>`. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, ...value.split('/'), value.replace(/^record /, '')];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(namesIn);
}
