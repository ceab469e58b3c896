import type {Command} from 'commander';
import {UsageError} from '../../base/errors.js';

/** Node ids and session ids are one token each; what else stands there never reaches the bus. */
export function parseSessionReference(text: string): string {
  const ids = text.split('/');
  if (ids.length > 2 || ids.some((id) => id === '') || /[\s\p{C}]/u.test(text) || text.length > 512) {
    throw new UsageError(`"${text}" does not name a session`, {
      hint: 'give <session id> or Gate@id/<session id>',
    });
  }
  return text;
}

export interface SessionInput {
  readonly session: string;
}

/** The first argument of every command on one session. */
export function withSession(command: Command): Command {
  return command.argument('<session>', 'session id, or Gate@id/<session id>', parseSessionReference);
}
