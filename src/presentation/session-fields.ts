import type {LocatedRecord, LocatedRow} from '../cluster/cluster.js';
import type {ItemFields} from '../output/formats/presenter.js';
import type {Session} from '../session/session.js';
import {connectionFields, connectionJson} from './connection-text.js';
import {recordDifferences} from './record-difference-presenter.js';
import {recordJson} from './record-presenter.js';
import {isoTime, type TimeCellFormatter} from './time-format.js';

interface SessionDetails {
  readonly gate: string;
  readonly session: Session;
  readonly time: TimeCellFormatter;
  /** Times and message counts; undefined if the gate does not report them. */
  readonly row: LocatedRow | undefined;
  /** The user's record: undefined if not requested, null if there is none. */
  readonly record?: LocatedRecord | null | undefined;
}

/** Returns all fields of a session. */
export function sessionFields({gate, session, time, row, record}: SessionDetails): ItemFields {
  return {
    id: `${gate}/${session.sessionId}`,
    fields: [
      ['id', session.sessionId],
      ['gate', gate],
      ['uid', session.userId === '' ? '- (guest)' : session.userId],
      ['network', session.network],
      ['ip', session.ip],
      ...activityFields(row, time),
      ['trace id', session.traceId],
      ...Object.entries(session.settings).map(([key, value]) => [`settings.${key}`, value] as const),
      ...(record === undefined ? [] : recordFieldsOf(session, record)),
    ],
    record: {
      id: session.sessionId,
      gate,
      uid: session.userId,
      guest: session.userId === '',
      network: session.network,
      ip: session.ip,
      traceId: session.traceId,
      spanId: session.spanId,
      ...(row === undefined ? {} : activityJson(row)),
      settings: session.settings,
      ...(record === undefined ? {} : {record: record && recordJson(record)}),
    },
  };
}

function activityFields(row: LocatedRow | undefined, time: TimeCellFormatter): ItemFields['fields'] {
  if (row === undefined) return [];
  const {connectedAt, lastActiveAt, received, sent, observedAt} = row;
  return [
    ['age', time(connectedAt, observedAt)],
    ['idle', time(lastActiveAt, observedAt)],
    ['received', String(received)],
    ['sent', String(sent)],
    ...connectionFields(row, time),
  ];
}

function activityJson(row: LocatedRow) {
  const {connectedAt, lastActiveAt, received, sent} = row;
  const times = {connectedAt: isoTime(connectedAt), lastActiveAt: isoTime(lastActiveAt)};
  return {...times, received, sent, ...connectionJson(row)};
}

/** Returns the fields that differ in the record, or a single field if none differ or there is no readable record. */
function recordFieldsOf(session: Session, record: LocatedRecord | null): ItemFields['fields'] {
  if (record === null) return [['record', 'none']];
  if (record.undecodable !== undefined) return [['record', record.undecodable]];
  const rows = recordDifferences(session, record.session);
  if (rows.length === 0) return [['record', 'the same']];
  return rows.map(({name, record: text}) => [`record.${name}`, text ?? '(none)']);
}
