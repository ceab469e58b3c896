import type {LocatedRow} from '../cluster/cluster.js';
import type {Column, Presenter} from '../output/formats/presenter.js';
import {sessionFieldNumbers} from '../session/codec/session-field-numbers.js';
import type {Session} from '../session/session.js';
import {connectionJson} from './connection-text.js';
import {
  gateByteWriter,
  idByteWriter,
  numberByteWriter,
  sessionJsonByteWriter,
  type TimeByteWriter,
  textByteWriter,
} from './fast/session-byte-writers.js';
import {isoTime, type TimeCellFormatter} from './time-format.js';

/** Width of an IPv4 address, used when there is no room for the port. */
const addressWidth = 15;

/**
 * Presents live sessions. GATE is the gate that returned the session, whichever gate the session itself contains. With `bytes`
 * (`time` for encoded rows), a listing is written without decoding its rows.
 */
export function sessionPresenter(time: TimeCellFormatter, bytes?: TimeByteWriter): Presenter<LocatedRow> {
  return {
    columns: [
      {
        header: 'ID',
        cell: ({session}) => session.sessionId,
        bytes: textByteWriter(sessionFieldNumbers.sessionId),
        fit: 'whole',
      },
      {
        header: 'UID',
        cell: ({session}) => session.userId,
        bytes: textByteWriter(sessionFieldNumbers.userId),
        fit: 'whole',
      },
      {header: 'GATE', cell: ({node}) => node, bytes: gateByteWriter, fit: 'whole'},
      {
        header: 'NETWORK',
        cell: ({session}) => session.network,
        bytes: textByteWriter(sessionFieldNumbers.network),
        dropOrder: 1,
      },
      {
        header: 'IP',
        cell: ({session}) => session.ip,
        bytes: textByteWriter(sessionFieldNumbers.ip),
        fit: addressWidth,
        dropOrder: 3,
      },
      {
        header: 'AGE',
        member: ['connectedAt'],
        cell: ({connectedAt, observedAt}) => time(connectedAt, observedAt),
        bytes: bytes?.('connectedAt'),
        align: 'right',
        dropOrder: 4,
      },
      {
        header: 'IDLE',
        member: ['lastActiveAt'],
        cell: ({lastActiveAt, observedAt}) => time(lastActiveAt, observedAt),
        bytes: bytes?.('lastActiveAt'),
        align: 'right',
        dropOrder: 2,
      },
      {
        header: 'RECEIVED',
        cell: ({received}) => countOrDash(received),
        bytes: numberByteWriter('received'),
        align: 'right',
        wide: true,
      },
      {
        header: 'SENT',
        cell: ({sent}) => countOrDash(sent),
        bytes: numberByteWriter('sent'),
        align: 'right',
        wide: true,
      },
      {header: 'SETTINGS', cell: ({session, fault}) => fault ?? settingsText(session.settings), wide: true},
    ],
    record: sessionRecord,
    recordBytes: sessionJsonByteWriter,
    id: ({node, session}) => `${node}/${session.sessionId}`,
    idBytes: idByteWriter,
  };
}

/** Formats a count; `-` for NaN, a count that the source of the row does not report. */
export const countOrDash = (count: number): string => (Number.isNaN(count) ? '-' : String(count));

/** Returns the documented JSON of a row. New versions only add members. */
function sessionRecord(row: LocatedRow) {
  const {node, session, connectedAt, lastActiveAt, received, sent, fault} = row;
  return {
    id: session.sessionId,
    gate: node,
    uid: session.userId,
    guest: session.userId === '',
    network: session.network,
    ip: session.ip,
    connectedAt: isoTime(connectedAt),
    lastActiveAt: isoTime(lastActiveAt),
    received: knownCount(received),
    sent: knownCount(sent),
    settings: session.settings,
    ...(fault === undefined ? {} : {fault}),
    ...connectionJson(row),
  };
}

/** Returns null for a count that the source of the row does not report (NaN). */
const knownCount = (count: number): number | null => (Number.isNaN(count) ? null : count);

/** Presents sessions with a SOURCE column, for listings that also read records or listen on the bus. */
export function sessionPresenterWithSource(time: TimeCellFormatter): Presenter<LocatedRow> {
  const {columns} = sessionPresenter(time);
  const plain = columns.map(({bytes: _, ...column}) => column);
  const source: Column<LocatedRow> = {header: 'SOURCE', cell: (row) => row.source ?? 'gate'};
  return {
    columns: [...plain.slice(0, 3), source, ...plain.slice(3)],
    record: (row) => ({...sessionRecord(row), source: row.source ?? 'gate'}),
    id: ({node, session}) => `${node}/${session.sessionId}`,
  };
}

/** Returns a column for `settings.<key>`; undefined for any other name. */
export function settingColumn(name: string): Column<{readonly session?: Session | undefined}> | undefined {
  const key = /^settings\.(.+)$/s.exec(name)?.[1];
  if (key === undefined) return undefined;
  return {
    header: key.toUpperCase(),
    member: ['settings', key],
    cell: ({session}) => settingOf(session?.settings ?? {}, key) ?? '',
  };
}

const settingOf = (settings: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(settings, key) ? settings[key] : undefined;

const settingsText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
