import type {ClusterNode, GateOutcome} from '../../../cluster/cluster.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {isoTime, type TimeCell} from '../../../presentation/time.js';
import type {GateInfo} from '../../../session/gate-api.js';
import {countsUnsaved} from '../../../session/gate-software.js';
import {kindText, lackedFunctions, type NodeKind} from '../../../session/node-kind.js';

/** A registered node, and its kind if it was probed. */
interface ListedGate extends ClusterNode {
  readonly kind: NodeKind | undefined;
}

export const gatePresenter: Presenter<ListedGate> = {
  columns: [
    {header: 'GATE', cell: ({id}) => id, fit: 'whole'},
    {
      header: 'KIND',
      cell: ({kind, processes = []}) =>
        `${kind === undefined ? '-' : kindText(kind)}${processes.length > 1 ? ` × ${processes.length}` : ''}`,
    },
    {header: 'VERSION', cell: ({version}) => version},
    {header: 'FOUND BY', cell: ({source}) => source},
    {header: 'SUBJECTS', cell: (node) => (node.subjectPerFunction ? 'one per function' : 'one')},
    {header: 'ADDRESS', cell: ({address}) => address, wide: true},
  ],
  record: ({kind, processes, id, type, address, version, source, subjectPerFunction, metadata}) => ({
    id,
    type,
    address,
    version,
    source,
    subjectPerFunction,
    metadata,
    kind: kind?.role ?? null,
    lacks: kind === undefined ? [] : lackedFunctions(kind),
    ...(processes === undefined ? {} : {processes}),
  }),
  id: ({id}) => id,
};

interface GateInfoRow {
  readonly node: string;
  readonly info: GateInfo;
}

export function gateInfoPresenter(time: TimeCell): Presenter<GateInfoRow> {
  return {
    columns: [
      {header: 'GATE', cell: ({node}) => node, fit: 'whole'},
      {header: 'SOFTWARE', cell: ({info}) => `${info.software} ${info.softwareVersion}`},
      {header: 'SESSIONS', cell: ({info}) => String(info.sessions), align: 'right'},
      {header: 'BOUND', cell: ({info}) => String(info.bound), align: 'right'},
      {header: 'STORAGE', cell: ({info}) => info.storage.kind},
      {header: 'DIRTY', cell: ({info}) => dirtyText(info), align: 'right'},
      {header: 'UP', cell: ({info}) => time(info.startedAt, info.now), align: 'right'},
      {header: 'HOST', cell: ({info}) => `${info.host}:${info.pid}`},
      {header: 'PROTOCOL', cell: ({info}) => String(info.protocol), align: 'right', wide: true},
      {header: 'FUNCTIONS', cell: ({info}) => info.functions.join(' '), wide: true},
    ],
    record: ({node, info}) => ({
      gate: node,
      ...info,
      startedAt: isoTime(info.startedAt),
      now: isoTime(info.now),
    }),
    id: ({node}) => node,
  };
}

const dirtyText = ({software, storage}: GateInfo): string =>
  countsUnsaved(software) ? String(storage.dirty) : '-';

export const gatePingPresenter: Presenter<GateOutcome> = {
  columns: [
    {header: 'GATE', cell: ({node}) => node, fit: 'whole'},
    {header: 'MS', cell: ({ms}) => ms.toFixed(1), align: 'right'},
  ],
  record: ({node, ms}) => ({gate: node, ms}),
  id: ({node}) => node,
};
