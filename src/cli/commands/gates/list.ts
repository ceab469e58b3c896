import {showRows} from '../../present.js';
import {gateSheet} from '../../sheets/gate-sheets.js';
import type {Verb} from '../../verb.js';

export const gatesList: Verb<object> = {
  examples: ['gatectl gates list', 'gatectl --registry etcd://127.0.0.1:2379 gates list'],
  declare: (command) => command,
  run: async (context) => {
    const cluster = await context.openCluster();
    return showRows(context, gateSheet, await cluster.gates());
  },
};
