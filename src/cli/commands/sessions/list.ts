import {showListing, times} from '../../present.js';
import {sessionSheet} from '../../sheets/session-sheet.js';
import {collect, type Verb} from '../../verb.js';

export interface SessionsListInput {
  readonly gate?: readonly string[] | undefined;
}

export const sessionsList: Verb<SessionsListInput> = {
  examples: ['gatectl sessions list', 'gatectl sessions list --gate Gate@a1 -o json'],
  declare: (command) => command.option('--gate <node>', 'only this gate (repeatable)', collect(String)),
  run: async (context, {gate}) => {
    const cluster = await context.openCluster();
    const {signal, manners} = context;
    const listing = await cluster.list({gates: gate, limit: manners.limit, signal});
    return showListing(context, sessionSheet(times(context)), listing);
  },
};
