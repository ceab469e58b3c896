import type {Command} from 'commander';
import {NegativeError, PartialError, UnreachableError} from '../../../errors.js';
import type {CommandContext} from '../../context.js';

export interface StoreInput {
  readonly store?: string | undefined;
}

/** For commands that can look past the gates. */
export function withStore(command: Command): Command {
  return command.option(
    '--store <url>',
    'straight on a store: file:/path, redis://host:6379/0, jetstream://bucket',
  );
}

/**
 * A record of somebody who is online is not the operator's to change: the gate would write over it with the next
 * setting. Rejects with NegativeError; with PartialError where it cannot be known.
 */
export async function refuseOnline(context: CommandContext, uid: string, instead: string): Promise<void> {
  const online = await (await context.openCluster()).online(uid).catch((cause: unknown) => {
    if (!(cause instanceof UnreachableError)) throw cause;
    throw new PartialError(`whether "${uid}" is online is unknown: ${cause.message}`, {
      hint: 'pass --online-too to go on all the same',
      cause,
    });
  });
  if (online.length === 0) return;
  throw new NegativeError(`"${uid}" is online on ${online.join(', ')}`, {hint: instead});
}
