import type {LocatedRecord} from '../cluster/cluster.js';
import type {Sheet} from '../output/sheet.js';
import type {Fields} from './fields.js';
import {isoTime} from './time.js';

/** What the storage keeps. A record is a claim of the past until the gate named in it confirms it. */
export const recordSheet: Sheet<LocatedRecord> = {
  columns: [
    {header: 'UID', cell: ({uid}) => uid},
    {header: 'SESSION', cell: ({session}) => session?.sessionId ?? ''},
    {header: 'GATE', cell: ({session}) => session?.serverId ?? ''},
    {header: 'BYTES', cell: ({value}) => String(value.length), align: 'right'},
    {header: 'REVISION', cell: ({revision}) => revision},
    {header: 'EXPIRES', cell: ({expiresAt}) => isoTime(expiresAt) ?? 'never'},
    {header: 'READ BY', cell: ({node}) => node, wide: true},
    {header: 'FAULT', cell: ({undecodable}) => undecodable ?? '', wide: true},
  ],
  record: recordOf,
  id: ({uid}) => uid,
};

/** One record in full. */
export function recordFields(record: LocatedRecord): Fields {
  const {uid, node, session, value, revision, expiresAt, undecodable} = record;
  return {
    id: uid,
    fields: [
      ['uid', uid],
      ['read by', node],
      ['session', session?.sessionId ?? ''],
      ['gate', session?.serverId ?? ''],
      ['bytes', String(value.length)],
      ['revision', revision],
      ['expires', isoTime(expiresAt) ?? 'never'],
      ...(undecodable === undefined ? [] : [['fault', undecodable] as const]),
      ...Object.entries(session?.settings ?? {}).map(([key, text]) => [`settings.${key}`, text] as const),
    ],
    record: recordOf(record),
  };
}

/** For programs: documented, grows only by addition. */
export function recordOf({uid, node, session, value, revision, expiresAt, undecodable}: LocatedRecord) {
  return {
    uid,
    readBy: node,
    revision,
    expiresAt: isoTime(expiresAt),
    bytes: value.length,
    value: Buffer.from(value).toString('base64'),
    undecodable: undecodable ?? null,
    session:
      session === undefined
        ? null
        : {
            id: session.sessionId,
            gate: session.serverId,
            uid: session.userId,
            network: session.network,
            ip: session.ip,
            settings: session.settings,
          },
  };
}
