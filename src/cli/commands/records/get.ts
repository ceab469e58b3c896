import {parseUid} from '../../parsers.js';
import {showOne} from '../../present.js';
import {recordFields} from '../../sheets/record-sheet.js';
import type {Verb} from '../../verb.js';

export interface RecordInput {
  readonly uid: string;
}

export const recordsGet: Verb<RecordInput> = {
  examples: ['gatectl records get u42', 'gatectl records get u42 -o json'],
  declare: (command) => command.argument('<uid>', 'user id of the record', parseUid),
  run: async (context, {uid}) => {
    const cluster = await context.openCluster();
    return showOne(context, recordFields(await cluster.record(uid)));
  },
};
