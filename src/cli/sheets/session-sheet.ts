import type {LocatedRow} from '../../cluster/cluster.js';
import type {Sheet} from '../../output/sheet.js';
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
      {header: 'UP', cell: ({connectedAt}) => time(connectedAt), align: 'right'},
      {header: 'IDLE', cell: ({lastActiveAt}) => time(lastActiveAt), align: 'right'},
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

const settingsText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
