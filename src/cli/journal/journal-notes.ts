import {hidden, secretName} from '../../session/secret-names.js';
import type {Session, StringBag} from '../../session/session.js';
import type {JournaledChange} from './journal.js';

/** Changes that one line of the journal names; of more, the counts tell. */
const maxChanges = 1000;

/** What a command that writes says of itself while it runs, for the journal. */
export class JournalNotes {
  readonly changes: JournaledChange[] = [];
  counts: Readonly<Record<string, number>> | undefined;

  addChange(target: string, before: unknown, after: unknown): void {
    if (this.changes.length < maxChanges) this.changes.push({target, before, after});
  }

  addSession(node: string, before: Session, after: Session): void {
    this.addChange(`${node}/${before.sessionId}`, journaledState(before), journaledState(after));
  }
}

/** The uid and the settings of a session; settings that are named like secrets without their values. */
export function journaledState({userId, settings}: Session): {
  readonly uid: string;
  readonly settings: StringBag;
} {
  const safe = Object.entries(settings).map(([key, value]) => [key, secretName.test(key) ? hidden : value]);
  return {uid: userId, settings: Object.fromEntries(safe)};
}
