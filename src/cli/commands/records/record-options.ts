import type {Command} from 'commander';
import {ExitCode} from '../../../base/errors.js';
import type {LocatedRecord} from '../../../cluster/cluster.js';
import type {CommandContext} from '../../command-context.js';
import {warn} from '../../show/notices.js';

export interface StoreInput {
  readonly store?: string | undefined;
}

/** For commands that can look past the gates. */
export function withStoreFlag(command: Command): Command {
  return command.option(
    '--store <url>',
    'straight on a store: file:/path, redis://host:6379/0, jetstream://bucket',
  );
}

/** For commands that write records: whether the user may be online meanwhile. */
export interface OnlineCheckInput extends StoreInput {
  readonly offline?: boolean | undefined;
}

export function withOnlineCheckFlags(command: Command): Command {
  return withStoreFlag(command).option('--offline', 'with --store: ask no gate whether the user is online');
}

/** The store's encoding refused these bytes: they are shown, and the answer is not whole. */
export async function warnUndecodable(
  context: CommandContext,
  {uid, fault}: Pick<LocatedRecord, 'uid' | 'fault'>,
): Promise<ExitCode> {
  if (fault === undefined) return ExitCode.done;
  await warn(context, `the record of "${uid}" was not read as a session: ${fault}`);
  return ExitCode.partial;
}

/** Says after a write that nobody but the storage handler knows how long the record lives. */
export async function warnUnknownExpiry(
  context: CommandContext,
  {uid, node, expiresAt}: Pick<LocatedRecord, 'uid' | 'node' | 'expiresAt'>,
): Promise<void> {
  if (expiresAt !== undefined) return;
  await warn(
    context,
    `when the record of "${uid}" expires is unknown: the storage behind ${node} does not tell, and a write may change it`,
  );
}
