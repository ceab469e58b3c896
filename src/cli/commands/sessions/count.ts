import {showGathered} from '../../present.js';
import {countSheet, countTotals} from '../../sheets/count-sheet.js';
import {collect, type Verb} from '../../verb.js';
import type {SessionsListInput} from './list.js';

export const sessionsCount: Verb<SessionsListInput> = {
  examples: ['gatectl sessions count', 'gatectl sessions count -o json'],
  declare: (command) => command.option('--gate <node>', 'only this gate (repeatable)', collect(String)),
  run: async (context, {gate}) => {
    const cluster = await context.openCluster();
    const counted = await cluster.each((api) => api.count(), {
      gates: gate,
      countOf: ({sessions}) => sessions,
    });
    const rows = [...counted.results].map(([node, count]) => ({node, ...count}));
    return showGathered(context, countSheet, counted, rows, countTotals(rows));
  },
};
