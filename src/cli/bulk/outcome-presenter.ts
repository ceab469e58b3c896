import type {Target, TargetOutcome} from '../../cluster/cluster.js';
import type {Presenter} from '../../output/formats/presenter.js';

const columns = [
  {header: 'SESSION', cell: ({id}: Target) => id, fit: 'whole'},
  {header: 'UID', cell: ({uid}: Target) => uid, fit: 'whole'},
  {header: 'GATE', cell: ({node}: Target) => node, fit: 'whole'},
] as const;

/** Presents the sessions that a write would reach. */
export const targetPresenter: Presenter<Target> = {
  columns,
  record: ({id, node, uid}) => ({id, gate: node, uid}),
  id: ({node, id}) => `${node}/${id}`,
};

/** Presents the outcome of a write for each session. */
export const outcomePresenter: Presenter<TargetOutcome> = {
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
