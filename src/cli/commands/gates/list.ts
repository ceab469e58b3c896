import {showRows} from '../../present.js';
import {gateSheet} from '../../sheets/gate-sheets.js';
import type {Verb} from '../../verb.js';

export const gatesList: Verb<object> = {
  examples: ['gatectl gates list', 'gatectl gates list -o wide'],
  declare: (command) => command,
  run: async (context) => {
    const cluster = await context.openCluster();
    const [nodes, kinds] = await Promise.all([cluster.gates(), cluster.kinds()]);
    const rows = nodes.map((node) => ({...node, kind: kinds.get(node.id)}));
    return showRows(context, gateSheet, rows);
  },
};
