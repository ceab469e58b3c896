import {plural} from '../../../output/human.js';
import {differenceSheet, differences} from '../../../sheets/difference-sheet.js';
import {parseUid} from '../../parsers.js';
import {settle, showRows} from '../../present.js';
import {notice} from '../../talk.js';
import type {Verb} from '../../verb.js';
import {type StoreInput, withStore} from './record-options.js';

export interface RecordsDiffInput extends StoreInput {
  readonly uid: string;
}

export const recordsDiff: Verb<RecordsDiffInput> = {
  examples: ['gatectl records diff u42', 'gatectl records diff u42 --store redis://127.0.0.1:6379/0 -o json'],
  declare: (command) => withStore(command.argument('<uid>', 'user id of the record', parseUid)),
  run: async (context, {uid, store}) => {
    const records = await context.openRecords(store);
    const {session: stored, undecodable} = await records.get(uid);
    const live = await (await context.openCluster()).find(uid);
    const sessions = [...live.results.values()].flat().map(({session}) => session);
    const rows = sessions.flatMap((session) => differences(session, stored));
    await showRows(context, differenceSheet, rows, {
      uid,
      sessions: sessions.map(({sessionId}) => sessionId),
      undecodable: undecodable ?? null,
    });
    if (rows.length === 0) await notice(context, agreement(sessions.length, uid));
    return settle(context, live.outcomes);
  },
};

function agreement(sessions: number, uid: string): string {
  if (sessions === 0) return `no session of uid "${uid}" was found to compare the record with`;
  return `the record and ${plural(sessions, 'session')} of uid "${uid}" say the same`;
}
