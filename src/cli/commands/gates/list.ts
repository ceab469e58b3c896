import {showRows} from '../../present.js';
import {gateSheet} from '../../sheets/gate-sheets.js';
import type {Verb} from '../../verb.js';

export const gatesList: Verb<object> = {
  examples: ['gatectl gates list', 'gatectl gates list -o wide'],
  declare: (command) => command,
  run: async (context) => {
    const cluster = await context.openCluster();
    return showRows(context, gateSheet, await cluster.gates());
  },
};
