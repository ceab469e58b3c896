import type {ClusterNode, GateOutcome} from '../../../cluster/cluster.js';
import type {Column, Presenter} from '../../../output/formats/presenter.js';
import {formatBytes} from '../../../output/text/humanize.js';
import {isoTime, type TimeCellFormatter} from '../../../presentation/time-format.js';
import type {GateAdmission} from '../../../session/gate-admission.js';
import type {GateInfo} from '../../../session/gate-api.js';
import {displayedGateState, type HealthAspect, healthLevel} from '../../../session/gate-health.js';
import {
  missingFunctions,
  type NodeKind,
  nodeKindText,
  reportsDirtyCount,
} from '../../../session/node-kind.js';

/** A registered node, with its kind if it was called. */
interface ListedGate extends ClusterNode {
  readonly kind: NodeKind | undefined;
}

const gateColumn: Column<ListedGate> = {header: 'GATE', cell: ({id}) => id, fit: 'whole'};

export const gatePresenter: Presenter<ListedGate> = {
  columns: [
    gateColumn,
    {
      header: 'KIND',
      cell: ({kind, processes = []}) =>
        `${kind === undefined ? '-' : nodeKindText(kind)}${processes.length > 1 ? ` × ${processes.length}` : ''}`,
    },
    {header: 'STATE', cell: (node) => nodeState(node) ?? '-'},
    {header: 'VERSION', cell: ({version}) => version},
    {header: 'SOURCE', cell: ({source}) => source},
    {header: 'ADDRESS', cell: ({address}) => address, wide: true},
    {
      header: 'SUBJECT PER FUNCTION',
      cell: ({subjectPerFunction}) => (subjectPerFunction ? 'yes' : 'no'),
      wide: true,
    },
  ],
  record: (row) => ({gate: row.id, ...nodeMembers(row)}),
  id: ({id}) => id,
};

/** Returns the state that the gate reports, or else the one in its registration by mqant's convention. */
function nodeState({kind, metadata}: ListedGate) {
  const reported = kind?.info && displayedGateState(kind.info);
  return reported ?? (metadata['state'] === 'forbidden' ? 'draining' : undefined);
}

/** Returns the documented JSON members of a node, without its id. New versions only add members. */
function nodeMembers(node: ListedGate) {
  const {kind, processes, type, address, version, source, subjectPerFunction, metadata} = node;
  return {
    type,
    address,
    version,
    source,
    subjectPerFunction,
    metadata,
    kind: kind?.role ?? null,
    state: nodeState(node) ?? null,
    lacks: kind === undefined ? [] : missingFunctions(kind),
    ...(processes === undefined ? {} : {processes}),
  };
}

/** Presents nodes of every type. */
export const nodePresenter: Presenter<ListedGate> = {
  ...gatePresenter,
  columns: [
    {...gateColumn, header: 'NODE'},
    {header: 'KIND', cell: ({kind}) => (kind === undefined ? 'not asked' : nodeKindText(kind))},
    ...gatePresenter.columns.slice(2),
  ],
  record: (row) => ({node: row.id, ...nodeMembers(row)}),
};

/** A gate and its info; a stock gate has none. */
interface GateInfoRow {
  readonly node: ClusterNode;
  readonly info: GateInfo | undefined;
}

export function gateInfoPresenter(time: TimeCellFormatter): Presenter<GateInfoRow> {
  const ifKnown = (cell: (info: GateInfo) => string) => (row: GateInfoRow) =>
    row.info === undefined ? '-' : cell(row.info);
  return {
    columns: [
      {header: 'GATE', cell: ({node}) => node.id, fit: 'whole'},
      {header: 'SOFTWARE', cell: ({info}) => softwareText(info)},
      {header: 'STATE', cell: ifKnown((info) => displayedGateState(info) ?? '-')},
      {header: 'SESSIONS', cell: ifKnown(({sessions}) => String(sessions)), align: 'right'},
      {header: 'BOUND', cell: ifKnown(({bound}) => String(bound)), align: 'right'},
      {header: 'STORAGE', cell: ifKnown(({storage}) => storage.kind)},
      {header: 'DIRTY', cell: ifKnown(dirtyText), align: 'right'},
      {
        header: 'STORAGE FAILURE',
        cell: ifKnown(({storage}) => storage.failure ?? '-'),
        fit: 'wrap',
        wide: true,
        shownFor: ({info}) => info?.storage.failure !== undefined,
      },
      {header: 'UPTIME', cell: ifKnown(({startedAt, now}) => time(startedAt, now)), align: 'right'},
      {header: 'HOST', cell: hostText},
      ...healthColumns,
      {header: 'VERSION', cell: ({node}) => node.version, wide: true},
      {header: 'ADDRESS', cell: ({node}) => node.address, wide: true},
      {header: 'PROTOCOL', cell: ifKnown(({protocol}) => String(protocol)), align: 'right', wide: true},
      {header: 'AUTHENTICATE', cell: ifKnown(({admission}) => admission?.authenticate ?? '-'), wide: true},
      {header: 'LIMITS', cell: ifKnown(limitsText), wide: true},
      {header: 'ORIGINS', cell: ifKnown(originsText), wide: true},
      {header: 'CERTIFICATES', cell: ifKnown(certificatesText), wide: true},
      {header: 'FUNCTIONS', cell: ifKnown(({functions}) => functions.join(' ')), wide: true},
    ],
    record: ({node, info}) => ({
      gate: node.id,
      kind: info === undefined ? 'stock-gate' : 'gate',
      address: node.address,
      version: node.version,
      ...(info === undefined ? stockRecord(node) : infoRecord(info)),
    }),
    id: ({node}) => node.id,
  };
}

/** Condition of the gate's process. A table shows a column only if doctor warns of its value. */
const healthColumns: readonly Column<GateInfoRow>[] = [
  healthColumn('WAITING', 'waitingBytes', ({health}) => sizeCell(health?.waitingBytes)),
  healthColumn('LOOP DELAY', 'loopDelayMs', ({health}) =>
    health?.loopDelayMs === undefined ? '-' : `${health.loopDelayMs} ms`,
  ),
  healthColumn('HEAP', 'heapShare', ({health}) => sizeCell(health?.heapBytes)),
  healthColumn('MEMORY', 'heapShare', ({health}) => sizeCell(health?.residentBytes)),
];

function healthColumn(
  header: string,
  aspect: HealthAspect,
  cell: (info: GateInfo) => string,
): Column<GateInfoRow> {
  return {
    header,
    cell: ({info}) => (info === undefined ? '-' : cell(info)),
    align: 'right',
    wide: true,
    shownFor: ({info}) => info?.health !== undefined && healthLevel(info.health, aspect) !== undefined,
  };
}

const sizeCell = (bytes: number | undefined): string => (bytes === undefined ? '-' : formatBytes(bytes));

const softwareText = (info: GateInfo | undefined): string =>
  info === undefined ? 'stock mqant gate' : `${info.software} ${info.softwareVersion}`;

function hostText({node: {metadata}, info}: GateInfoRow): string {
  if (info !== undefined) return `${info.host}:${info.pid}`;
  const {hostname, pid} = metadata; // mqant registers both
  return hostname === undefined ? '-' : `${hostname}${pid === undefined ? '' : `:${pid}`}`;
}

const dirtyText = ({software, storage}: GateInfo): string =>
  reportsDirtyCount(software) ? String(storage.dirty) : '-';

const limitsText = ({admission}: GateInfo): string =>
  admission === undefined
    ? '-'
    : Object.entries(admission.limits)
        .map(([name, value]) => `${name}=${value}`)
        .join(' ');

const originsText = ({admission}: GateInfo): string =>
  admission === undefined ? '-' : (admission.origins?.join(' ') ?? 'any');

function certificatesText({admission}: GateInfo): string {
  const texts = admission?.certificates.map(
    ({listener, minVersion, expiresAt}) => `${listener} ${minVersion} until ${isoTime(expiresAt)}`,
  );
  return texts === undefined || texts.length === 0 ? '-' : texts.join(', ');
}

const infoRecord = ({admission, ...info}: GateInfo) => ({
  ...info,
  state: displayedGateState(info) ?? null,
  ...(admission !== undefined && {admission: admissionRecord(admission)}),
  startedAt: isoTime(info.startedAt),
  now: isoTime(info.now),
});

const admissionRecord = ({certificates, ...admission}: GateAdmission) => ({
  ...admission,
  certificates: certificates.map((one) => ({...one, expiresAt: isoTime(one.expiresAt)})),
});

const stockRecord = ({metadata: {hostname, pid}}: ClusterNode) => ({
  software: 'mqant',
  softwareVersion: null,
  host: hostname ?? null,
  pid: pid !== undefined && /^\d{1,10}$/.test(pid) ? Number(pid) : null,
  state: null,
  sessions: null,
  bound: null,
});

export const gatePingPresenter: Presenter<GateOutcome> = {
  columns: [
    {header: 'GATE', cell: ({node}) => node, fit: 'whole'},
    {header: 'MS', cell: ({ms}) => ms.toFixed(1), align: 'right'},
  ],
  record: ({node, ms}) => ({gate: node, ms}),
  id: ({node}) => node,
};
