import {GatectlError, NegativeError, PartialError, UsageError} from '../../../base/errors.js';
import type {LocatedRecord, Records} from '../../../cluster/cluster.js';
import type {CommandContext} from '../../command-context.js';
import {parseDurationMs, parseUid} from '../../line/parsers.js';
import {maskUserinfo} from '../../settings/connection-options.js';
import {confirm, notice} from '../../show/notices.js';
import {reportPartial, showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {OnlineCheck} from './online-check.js';
import {type OnlineCheckInput, withOnlineCheckFlags} from './record-options.js';

export interface RecordsDeleteInput extends OnlineCheckInput {
  readonly uid: string;
  readonly revision?: string | undefined;
  readonly kick?: boolean;
  readonly onlineToo?: boolean;
  readonly wait: number;
}

export const recordsDelete: Verb<RecordsDeleteInput> = {
  examples: [
    'gatectl records delete u42',
    'gatectl records delete u42 --revision 7 --yes',
    'gatectl records delete u42 --kick --yes',
    'gatectl records delete u42 --store redis://127.0.0.1:6379/0 --offline',
  ],
  declare: (command) =>
    withOnlineCheckFlags(command)
      .argument('<uid>', 'user id of the record', parseUid)
      .option('--revision <revision>', 'only if it is still this one (records get shows it)')
      .option('--kick', 'kick the connections of the user first, then delete')
      .option('--online-too', 'refused: use --kick')
      .option(
        '--wait <duration>',
        'how long to wait for a kicked connection to be gone',
        parseDurationMs,
        10_000,
      ),
  run: async (context, {uid, revision, store, offline, wait, ...input}) => {
    if (input.onlineToo === true) {
      throw new UsageError('--online-too does not kick: nothing was deleted', {
        hint: `to kick the user first: gatectl records delete ${uid} --kick`,
      });
    }
    const check = new OnlineCheck(context, {store, offline});
    const records = await context.openRecords(store);
    const kicks = input.kick === true;
    await check.hasGates(); // says that nobody can be asked, or refuses, before the question
    const where = store === undefined ? 'the storage of the gates' : `the store "${maskUserinfo(store)}"`;
    await confirm(context, `delete the record of uid "${uid}" from ${where}?`);
    if (!kicks) {
      const hint = `--kick kicks first; or only kick: gatectl sessions find ${uid}`;
      await check.refuseOnline(uid, await readIfPossible(records, uid), hint);
    }
    if (kicks) await kickSessions(context, {uid, records, check, waitMs: wait});
    const {deletedBy, outcomes} = await records.delete(uid, revision);
    context.notes.addChange(`record ${uid}`, {revision}, {deletedBy});
    if (kicks) await verifyDeleted(uid, records);
    await showOne(context, {
      id: uid,
      fields: [
        ['uid', uid],
        ['deleted by', deletedBy.join(', ')],
      ],
      record: {uid, deletedBy},
    });
    return reportPartial(context, outcomes);
  },
};

/** A record that cannot be read can be deleted all the same. */
async function readIfPossible(records: Records, uid: string): Promise<LocatedRecord | undefined> {
  return await records.get(uid).catch((error: unknown) => {
    if (error instanceof GatectlError) return undefined;
    throw error;
  });
}

interface KickOptions {
  readonly uid: string;
  readonly records: Records;
  readonly check: OnlineCheck;
  readonly waitMs: number;
}

/** Kicks first: else the next setting of the session would bring the record back. */
async function kickSessions(
  context: CommandContext,
  {uid, records, check, waitMs}: KickOptions,
): Promise<void> {
  const record = await readIfPossible(records, uid);
  if ((await check.gatesWithUser(uid, record)).length === 0) return;
  const cluster = await context.openCluster();
  const found = await cluster.find(uid, {records}); // on stock gates the record names the session
  for (const [node, rows] of found.results) {
    for (const {session} of rows) {
      const {state} = await cluster.kick(`${node}/${session.sessionId}`, {waitMs});
      await notice(context, `${node}/${session.sessionId} ${state}`);
    }
  }
  const left = await check.gatesWithUser(uid, record);
  if (left.length === 0) return;
  throw new PartialError(`"${uid}" is still online on ${left.join(', ')}: nothing was deleted`, {
    hint: 'a gate without GatectlFind does not name the sessions of a uid; kick them by their ids first',
  });
}

async function verifyDeleted(uid: string, records: Records): Promise<void> {
  const again = await records.get(uid).catch((error: unknown) => {
    if (error instanceof NegativeError) return undefined;
    throw error;
  });
  if (again === undefined) return;
  throw new PartialError(
    `the record of "${uid}" was deleted and is there again, from ${again.session?.serverId}`,
    {hint: 'the user has come back meanwhile'},
  );
}
