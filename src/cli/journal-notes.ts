import type {Session, StringBag} from '../session/session.js';
import {type BulkInput, isBulk} from './bulk-flags.js';
import type {JournaledChange} from './journal.js';

/** Changes that one line of the journal names; of more, the counts tell. */
const mostChanges = 1000;

/** What a command that writes says of itself while it runs, for the journal. */
export class WriteNotes {
  readonly changes: JournaledChange[] = [];
  counts: Readonly<Record<string, number>> | undefined;

  change(target: string, before: unknown, after: unknown): void {
    if (this.changes.length < mostChanges) this.changes.push({target, before, after});
  }

  session(node: string, before: Session, after: Session): void {
    this.change(`${node}/${before.sessionId}`, journaledState(before), journaledState(after));
  }
}

/** Stands in the journal for a value that is nobody's business. */
export const hidden = '(hidden)';

const secretName = /pass|secret|token|credential/i;

/** The uid and the settings of a session; settings that are named like secrets without their values. */
export function journaledState({userId, settings}: Session): {
  readonly uid: string;
  readonly settings: StringBag;
} {
  const safe = Object.entries(settings).map(([key, value]) => [key, secretName.test(key) ? hidden : value]);
  return {uid: userId, settings: Object.fromEntries(safe)};
}

/** What was typed, with the length of a body instead of it, and without values that are named like secrets. */
export function journaledInput(
  path: string,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const bodyFrom =
    path === 'send' ? (isBulk(input as unknown as BulkInput) ? 1 : 2) : Number.POSITIVE_INFINITY;
  return Object.fromEntries(
    Object.entries(input)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        if (name === 'body') return [name, lengthOf(value)];
        if (!Array.isArray(value)) return [name, value];
        return [
          name,
          value.map((word, at) => (name === 'word' && at >= bodyFrom ? lengthOf(word) : masked(word))),
        ];
      }),
  );
}

/** `token=xyz`, or the pair that was made of it. */
function masked(word: unknown): unknown {
  if (Array.isArray(word)) return secretName.test(String(word[0])) ? [word[0], hidden] : word;
  const [, key = '', sign = ''] = /^([^=]*?)(!?=)/.exec(String(word)) ?? [];
  return secretName.test(key) ? `${key}${sign}${hidden}` : word;
}

const lengthOf = (value: unknown): string => `(${Buffer.byteLength(String(value))} bytes)`;
