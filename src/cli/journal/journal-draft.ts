import {hiddenSecretText, secretNamePattern} from '../../session/secret-names.js';
import type {Session, StringBag} from '../../session/session.js';
import type {JournaledChange} from './journal.js';

/** Maximum number of changes in one journal line. `counts` includes the others. */
const maxChanges = 1000;

/** Collects the changes made by a running command, for its journal entry. */
export class JournalDraft {
  readonly changes: JournaledChange[] = [];
  counts: Readonly<Record<string, number>> | undefined;

  addChange(target: string, before: unknown, after: unknown): void {
    if (this.changes.length < maxChanges) this.changes.push({target, before, after});
  }

  addSession(node: string, before: Session, after: Session): void {
    this.addChange(`${node}/${before.sessionId}`, maskedSessionState(before), maskedSessionState(after));
  }
}

/** Returns a session's uid and settings, with secret values masked. */
export function maskedSessionState({userId, settings}: Session): {
  readonly uid: string;
  readonly settings: StringBag;
} {
  const safe = Object.entries(settings).map(([key, value]) => [
    key,
    secretNamePattern.test(key) ? hiddenSecretText : value,
  ]);
  return {uid: userId, settings: Object.fromEntries(safe)};
}
