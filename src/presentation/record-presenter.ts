import type {LocatedRecord} from '../cluster/cluster.js';
import type {ItemFields, Presenter} from '../output/formats/presenter.js';
import {isKnownTime} from './fast/known-time.js';
import {recordJsonText} from './fast/record-json-text.js';
import {isoTime} from './time-format.js';

/** Presents stored records. A record may be stale until its gate confirms it. */
export const recordPresenter: Presenter<LocatedRecord> = {
  columns: [
    {header: 'UID', cell: ({uid}) => uid, fit: 'whole'},
    {
      header: 'ID',
      member: ['session', 'id'],
      cell: ({session}) => session?.sessionId ?? '',
      fit: 'whole',
    },
    {
      header: 'GATE',
      member: ['session', 'gate'],
      cell: ({session}) => session?.serverId ?? '',
      fit: 'whole',
    },
    {header: 'BYTES', cell: ({value}) => String(value.length), align: 'right', dropOrder: 1},
    {header: 'REVISION', cell: ({revision}) => revision, dropOrder: 2},
    {
      header: 'EXPIRES',
      member: ['expiresAt'],
      cell: ({expiresAt}) => expiryText(expiresAt),
      fit: 'whole',
      dropOrder: 3,
    },
    {header: 'READ BY', member: ['readBy'], cell: ({node}) => node, fit: 'whole', wide: true},
    {
      header: 'UNDECODABLE',
      cell: ({undecodable}) => undecodable ?? '',
      fit: 30,
      wide: true,
      shownFor: ({undecodable}) => undecodable !== undefined,
    },
  ],
  record: recordJson,
  recordText: recordJsonText,
  id: ({uid}) => uid,
};

/** Returns the expiry as text; `-` if the storage does not report it. */
function expiryText(expiresAt: number | undefined): string {
  if (expiresAt === 0) return 'never';
  return expiresAt === undefined ? '-' : (isoTime(expiresAt) ?? '-');
}

/** Returns the expiry for JSON. A null `expiresAt` means never only if `expiresKnown` is true. */
export function expiryJson(expiresAt: number | undefined) {
  const isKnown = expiresAt !== undefined && (expiresAt === 0 || isKnownTime(expiresAt));
  return {expiresAt: isoTime(expiresAt ?? 0), expiresKnown: isKnown};
}

/** Returns all fields of a record. */
export function recordFields(record: LocatedRecord): ItemFields {
  const {uid, node, session, value, revision, expiresAt, undecodable} = record;
  return {
    id: uid,
    fields: [
      ['uid', uid],
      ['read by', node],
      ['id', session?.sessionId ?? ''],
      ['gate', session?.serverId ?? ''],
      ['bytes', String(value.length)],
      ['revision', revision],
      ['expires', expiryText(expiresAt)],
      ...(undecodable === undefined ? [] : [['undecodable', undecodable] as const]),
      ...Object.entries(session?.settings ?? {}).map(([key, text]) => [`settings.${key}`, text] as const),
    ],
    record: recordJson(record),
  };
}

/** Returns the documented JSON of a record. New versions only add members. */
export function recordJson({uid, node, session, value, revision, expiresAt, undecodable}: LocatedRecord) {
  return {
    uid,
    readBy: node,
    revision,
    ...expiryJson(expiresAt),
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
