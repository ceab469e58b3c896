import type {Command} from 'commander';
import {ExitCode} from '../../../base/errors.js';
import type {LocatedRecord} from '../../../cluster/cluster.js';
import {recordFields} from '../../../presentation/record-presenter.js';
import type {CommandContext} from '../../command-context.js';
import {notice, warn} from '../../show/notices.js';
import {showItem} from '../../show/show-results.js';

export interface StoreInput {
  readonly store?: string | undefined;
}

/** Adds --store, for commands that can bypass the gates. */
export function addStoreFlag(command: Command): Command {
  return command.option('--store <url>', 'bypass gates: file:, redis:, mongodb:, jetstream: or jsonfile:');
}

/** Input of a command that may write the record of an online user. */
export interface OnlineCheckInput extends StoreInput {
  readonly offline?: boolean | undefined;
}

export function addOnlineCheckFlags(command: Command): Command {
  return addStoreFlag(command).option('--offline', 'with --store, skip the check whether the user is online');
}

/** Shows the record as a write would leave it. */
export async function showRecordDryRun(context: CommandContext, record: LocatedRecord): Promise<ExitCode> {
  const {record: json, ...fields} = recordFields(record);
  await showItem(context, {...fields, record: {...json, would: true}});
  await notice(context, 'nothing was written');
  return ExitCode.done;
}

/** Warns if the record can't be decoded. Returns the exit code. */
export async function warnUndecodableRecord(
  context: CommandContext,
  {uid, fault}: Pick<LocatedRecord, 'uid' | 'fault'>,
): Promise<ExitCode> {
  if (fault === undefined) return ExitCode.done;
  await warn(context, `cannot decode the record of "${uid}": ${fault}`);
  return ExitCode.partial;
}

/** Warns if the storage does not report the record's expiry. Called after a write. */
export async function warnUnknownExpiry(
  context: CommandContext,
  {uid, node, expiresAt}: Pick<LocatedRecord, 'uid' | 'node' | 'expiresAt'>,
): Promise<void> {
  if (expiresAt !== undefined) return;
  await warn(
    context,
    `unknown expiry of the record of "${uid}": the storage of ${node} does not report it, and the write may have changed it`,
  );
}
