import type {Command} from 'commander';
import {UsageError} from '../../base/errors.js';

/** Parses `<session id>` or `Gate@id/<session id>`. Rejects white space and control characters, which must not reach the bus. */
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

/** Declares the session argument, the first of every command on one session. */
export function withSession(command: Command): Command {
  return command.argument('<session>', 'session id, or Gate@id/<session id>', parseSessionReference);
}
