import type {Journal, JournalIntent, JournalResult} from './journal.js';

/** A journaled write. `result` is undefined if the write was killed or is still running. */
export interface JournalEntry {
  readonly intent: JournalIntent;
  readonly result: JournalResult | undefined;
}

interface EntryFilter {
  /** The command's words, or only the last ones: `sessions kick` or `kick`. */
  readonly command?: string | undefined;
  /** A session id, uid or gate in the input or in a change. */
  readonly target?: string | undefined;
  /** Unix milliseconds. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

/** Returns the matching entries, oldest first. */
export async function readJournalEntries(
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

function matches({intent, result}: JournalEntry, {command, target, since, until}: EntryFilter): boolean {
  if (command !== undefined && !` ${intent.command}`.endsWith(` ${command}`)) return false;
  if (since !== undefined && Date.parse(intent.at) < since) return false;
  if (until !== undefined && Date.parse(intent.at) >= until) return false;
  return target === undefined || [...namesIn(intent.input), ...namesIn(result?.changes)].includes(target);
}

/** Returns all strings in a value. Adds the parts of `<gate>/<session id>` and the uid of `record <uid>`. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value, ...value.split('/'), value.replace(/^record /, '')];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(namesIn);
}
