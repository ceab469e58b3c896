import {NegativeError, PartialError} from '../../../errors.js';
import {withoutUserinfo} from '../../connection-options.js';
import type {CommandContext} from '../../context.js';
import {parseDurationMs, parseUid} from '../../parsers.js';
import {settle, showOne} from '../../present.js';
import {confirm, notice} from '../../talk.js';
import type {Verb} from '../../verb.js';
import {refuseOnline, type StoreInput, withStore} from './record-options.js';

export interface RecordsDeleteInput extends StoreInput {
  readonly uid: string;
  readonly revision?: string | undefined;
  readonly onlineToo?: boolean;
  readonly wait: number;
}

export const recordsDelete: Verb<RecordsDeleteInput> = {
  examples: [
    'gatectl records delete u42',
    'gatectl records delete u42 --revision 7 --yes',
    'gatectl records delete u42 --online-too --yes',
  ],
  declare: (command) =>
    withStore(command)
      .argument('<uid>', 'user id of the record', parseUid)
      .option('--revision <revision>', 'only if it is still this one (records get shows it)')
      .option('--online-too', 'kick the connections of the user first, then delete')
      .option(
        '--wait <duration>',
        'how long to wait for a kicked connection to be gone',
        parseDurationMs,
        10_000,
      ),
  run: async (context, {uid, revision, store, onlineToo = false, wait}) => {
    const records = await context.openRecords(store);
    const where = store === undefined ? 'the storage of the gates' : `the store "${withoutUserinfo(store)}"`;
    await confirm(context, `delete the record of uid "${uid}" from ${where}?`);
    if (onlineToo) await kickAll(context, uid, wait);
    else
      await refuseOnline(
        context,
        uid,
        `--online-too kicks first; or only kick: gatectl sessions find ${uid}`,
      );
    const {deletedBy, outcomes} = await records.delete(uid, revision);
    context.notes.change(`record ${uid}`, {revision}, {deletedBy});
    if (onlineToo) await verifyGone(context, uid, store);
    await showOne(context, {
      id: uid,
      fields: [
        ['uid', uid],
        ['deleted by', deletedBy.join(', ')],
      ],
      record: {uid, deletedBy},
    });
    return settle(context, outcomes);
  },
};

/** Live first, then the store: else the next setting of the session would bring the record back. */
async function kickAll(context: CommandContext, uid: string, waitMs: number): Promise<void> {
  const cluster = await context.openCluster();
  const online = await cluster.online(uid);
  if (online.length === 0) return;
  const found = await cluster.find(uid);
  for (const [node, rows] of found.results) {
    for (const {session} of rows) {
      const {state} = await cluster.kick(`${node}/${session.sessionId}`, {waitMs});
      await notice(context, `${node}/${session.sessionId} ${state}`);
    }
  }
  const left = await cluster.online(uid);
  if (left.length === 0) return;
  throw new PartialError(`"${uid}" is still online on ${left.join(', ')}: nothing was deleted`, {
    hint: 'a gate without GatectlFind does not name the sessions of a uid; kick them by their ids first',
  });
}

async function verifyGone(context: CommandContext, uid: string, store: string | undefined): Promise<void> {
  const records = await context.openRecords(store);
  const again = await records.get(uid).catch((error: unknown) => {
    if (error instanceof NegativeError) return undefined;
    throw error;
  });
  if (again !== undefined) {
    throw new PartialError(
      `the record of "${uid}" was deleted and is there again, from ${again.session?.serverId}`,
      {
        hint: 'the user has come back meanwhile',
      },
    );
  }
}
