import {NegativeError} from '../../../errors.js';
import {parseUid} from '../../parsers.js';
import {settle, showOne} from '../../present.js';
import {confirm} from '../../talk.js';
import type {Verb} from '../../verb.js';

export interface RecordsDeleteInput {
  readonly uid: string;
  readonly revision?: string | undefined;
}

export const recordsDelete: Verb<RecordsDeleteInput> = {
  examples: ['gatectl records delete u42', 'gatectl records delete u42 --revision 7 --yes'],
  declare: (command) =>
    command
      .argument('<uid>', 'user id of the record', parseUid)
      .option('--revision <revision>', 'only if it is still this one (records get shows it)'),
  run: async (context, {uid, revision}) => {
    const cluster = await context.openCluster();
    await confirm(context, `delete the record of uid "${uid}" from the storage of the gates?`);
    const {deletedBy, outcomes} = await cluster.deleteRecord(uid, revision);
    if (deletedBy.length === 0 && outcomes.every(({status}) => status === 'ok')) {
      throw new NegativeError(`no record of uid "${uid}"`);
    }
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
