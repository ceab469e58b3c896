import type {LocatedRow} from '../cluster/cluster.js';
import type {Column, Sheet} from '../output/sheet.js';
import {isoTime, type TimeCell} from './time.js';

/** Live sessions. The gate that was asked is the gate, whatever the row says. */
export function sessionSheet(time: TimeCell): Sheet<LocatedRow> {
  return {
    columns: [
      {header: 'SESSION', cell: ({session}) => session.sessionId},
      {header: 'UID', cell: ({session}) => session.userId},
      {header: 'GATE', cell: ({node}) => node},
      {header: 'NETWORK', cell: ({session}) => session.network},
      {header: 'IP', cell: ({session}) => session.ip},
      {header: 'UP', cell: ({connectedAt, observedAt}) => time(connectedAt, observedAt), align: 'right'},
      {header: 'IDLE', cell: ({lastActiveAt, observedAt}) => time(lastActiveAt, observedAt), align: 'right'},
      {header: 'RECEIVED', cell: ({received}) => String(received), align: 'right', wide: true},
      {header: 'SENT', cell: ({sent}) => String(sent), align: 'right', wide: true},
      {header: 'SETTINGS', cell: ({session}) => settingsText(session.settings), wide: true},
    ],
    record: sessionRecord,
    id: ({node, session}) => `${node}/${session.sessionId}`,
  };
}

/** A row for programs: documented, grows only by addition. */
export function sessionRecord({node, session, connectedAt, lastActiveAt, received, sent}: LocatedRow) {
  return {
    id: session.sessionId,
    gate: node,
    uid: session.userId,
    guest: session.userId === '',
    network: session.network,
    ip: session.ip,
    connectedAt: isoTime(connectedAt),
    lastActiveAt: isoTime(lastActiveAt),
    received,
    sent,
    settings: session.settings,
  };
}

/** `settings.<key>`. */
export function settingColumn(name: string): Column<LocatedRow> | undefined {
  const key = /^settings\.(.+)$/s.exec(name)?.[1];
  if (key === undefined) return undefined;
  return {header: key.toUpperCase(), cell: ({session}) => settingOf(session.settings, key) ?? ''};
}

export const settingOf = (settings: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(settings, key) ? settings[key] : undefined;

const settingsText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
