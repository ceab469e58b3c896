import type {Target, TargetOutcome} from '../../cluster/cluster.js';
import type {Sheet} from '../../output/sheet.js';

const columns = [
  {header: 'SESSION', cell: ({id}: Target) => id},
  {header: 'UID', cell: ({uid}: Target) => uid},
  {header: 'GATE', cell: ({node}: Target) => node},
];

/** Sessions that a write would go to. */
export const targetSheet: Sheet<Target> = {
  columns,
  record: ({id, node, uid}) => ({id, gate: node, uid}),
  id: ({node, id}) => `${node}/${id}`,
};

/** What became of each. */
export const outcomeSheet: Sheet<TargetOutcome> = {
  columns: [
    ...columns,
    {header: 'STATE', cell: ({state}) => state},
    {header: 'DETAIL', cell: ({detail = ''}) => detail},
  ],
  record: ({id, node, uid, state, detail}) => ({
    id,
    gate: node,
    uid,
    state,
    ...(detail === undefined ? {} : {detail}),
  }),
  id: ({node, id}) => `${node}/${id}`,
};
