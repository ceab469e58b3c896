import type {Presenter} from '../../../output/formats/presenter.js';
import type {GroupCount, SessionCount} from '../../../session/gate-api.js';

interface GateCount extends SessionCount {
  readonly node: string;
}

export const gateCountPresenter: Presenter<GateCount> = {
  columns: [
    {header: 'GATE', cell: ({node}) => node, fit: 'whole'},
    {header: 'SESSIONS', cell: ({sessions}) => String(sessions), align: 'right'},
    {header: 'BOUND', cell: ({bound}) => String(bound), align: 'right'},
  ],
  record: ({node, sessions, bound}) => ({gate: node, sessions, bound}),
  id: ({node}) => node,
};

/** Adds up the counts of the gates that answered. */
export function countTotals(rows: readonly SessionCount[]): {
  readonly sessions: number;
  readonly bound: number;
} {
  const sum = (of: (row: SessionCount) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {sessions: sum((row) => row.sessions), bound: sum((row) => row.bound)};
}

interface BroadcastCount {
  readonly node: string;
  readonly clients: number;
}

export const broadcastPresenter: Presenter<BroadcastCount> = {
  columns: [
    {header: 'GATE', cell: ({node}) => node, fit: 'whole'},
    {header: 'CLIENTS', cell: ({clients}) => String(clients), align: 'right'},
  ],
  record: ({node, clients}) => ({gate: node, clients}),
  id: ({node}) => node,
};

/** Presents counts grouped by `field`; `-` stands for sessions without that field. */
export function groupCountPresenter(field: string): Presenter<GroupCount> {
  return {
    columns: [
      {header: field.toUpperCase(), cell: ({key}) => key ?? '-', fit: 'whole'},
      {header: 'SESSIONS', cell: ({sessions}) => String(sessions), align: 'right'},
      {header: 'BOUND', cell: ({bound}) => String(bound), align: 'right'},
    ],
    record: ({key, sessions, bound}) => ({key, sessions, bound}),
    id: ({key}) => key ?? '',
  };
}
