import {showListing} from '../../present.js';
import {recordSheet} from '../../sheets/record-sheet.js';
import {collect, type Verb} from '../../verb.js';
import type {SessionsListInput} from '../sessions/list.js';

export const recordsList: Verb<SessionsListInput> = {
  examples: ['gatectl records list', 'gatectl records list -o jsonl'],
  declare: (command) =>
    command.option('--gate <node>', 'only through this gate (repeatable)', collect(String)),
  run: async (context, {gate}) => {
    const cluster = await context.openCluster();
    const {signal, manners} = context;
    const listing = await cluster.records({gates: gate, limit: manners.limit, signal});
    return showListing(context, recordSheet, listing);
  },
};
