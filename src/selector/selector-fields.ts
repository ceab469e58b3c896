import {sessionTextEquals} from '../session/fast/row-cursor.js';
import {clientAddressOfSession} from '../session/ip-address.js';
import type {SessionRow} from '../session/session.js';

/** A session to test: its row, the node id of its gate, and the gate's clock in Unix milliseconds. */
export interface SelectorSubject {
  readonly row: SessionRow;
  readonly node: string;
  readonly now: number;
}

/** A value in a selector. Durations are in milliseconds; undefined is a CEL error, such as a missing key. */
export type SelectorValue = string | number | boolean | Readonly<Record<string, string>> | undefined;

export interface SelectorField {
  readonly type: 'string' | 'bool' | 'int' | 'duration' | 'settings';
  readonly about: string;
  readonly read: (subject: SelectorSubject) => SelectorValue;
  /** Compares the value with a string, for fields where that is faster than reading the value. */
  readonly equals?: (subject: SelectorSubject, text: string) => boolean;
}

/** Network names, as in mqant. */
export const networkNames = ['tcp', 'websocket'] as const;

export const selectorFields = {
  uid: {
    type: 'string',
    about: 'user id, empty for a guest',
    read: ({row}) => row.session.userId,
    equals: ({row}, text) => sessionTextEquals(row, 'userId', text),
  },
  id: {
    type: 'string',
    about: 'session id',
    read: ({row}) => row.session.sessionId,
    equals: ({row}, text) => sessionTextEquals(row, 'sessionId', text),
  },
  ip: {
    type: 'string',
    about: "the client's address without its port",
    read: ({row: {session}}) => clientAddressOfSession(session.ip, session.network),
  },
  network: {
    type: 'string',
    about: 'tcp or websocket',
    read: ({row}) => row.session.network,
    equals: ({row}, text) => sessionTextEquals(row, 'network', text),
  },
  gate: {type: 'string', about: "the gate's node id", read: ({node}) => node},
  guest: {
    type: 'bool',
    about: 'whether no uid is bound',
    read: ({row}) => sessionTextEquals(row, 'userId', ''),
  },
  settings: {
    type: 'settings',
    about: 'the settings: settings.vip, "vip" in settings',
    read: ({row}) => row.session.settings,
  },
  age: {
    type: 'duration',
    about: 'time since the client connected',
    read: ({row, now}) => since(row.connectedAt, now),
  },
  idle: {
    type: 'duration',
    about: 'time since the last packet from the client',
    read: ({row, now}) => since(row.lastActiveAt, now),
  },
  received: {type: 'int', about: 'MQTT packets from the client', read: ({row}) => known(row.received)},
  sent: {type: 'int', about: 'MQTT packets to the client', read: ({row}) => known(row.sent)},
} as const satisfies Record<string, SelectorField>;

export type SelectorFieldName = keyof typeof selectorFields;

export const selectorFieldNames = Object.keys(selectorFields) as readonly SelectorFieldName[];

/** Former names of columns and sort fields, which are still accepted. */
const olderNames: Readonly<Record<string, string>> = {session: 'id', up: 'age'};

/** Returns the current name of a column or sort field. */
export const currentFieldName = (name: string): string =>
  Object.hasOwn(olderNames, name) ? (olderNames[name] as string) : name;

export function findSelectorField(name: string): SelectorField | undefined {
  return Object.hasOwn(selectorFields, name) ? selectorFields[name as SelectorFieldName] : undefined;
}

/** Fields by their names in logs, in lower case and without separators. */
const fieldsByName: Readonly<Record<string, 'uid' | 'id' | 'ip' | 'gate'>> = {
  ...{uid: 'uid', userid: 'uid', user: 'uid'},
  ...{id: 'id', session: 'id', sessionid: 'id', sess: 'id', sid: 'id'},
  ...{ip: 'ip', addr: 'ip', address: 'ip', remote: 'ip', remoteaddr: 'ip', clientip: 'ip', peer: 'ip'},
  ...{gate: 'gate', node: 'gate', server: 'gate', serverid: 'gate'},
};

/** Returns the field for its name in another tool or a log, such as `user_id` or `server`. */
export function fieldByLogName(name: string): 'uid' | 'id' | 'ip' | 'gate' | undefined {
  const key = name.toLowerCase().replaceAll(/[_.-]/g, '');
  return Object.hasOwn(fieldsByName, key) ? fieldsByName[key] : undefined;
}

/** Returns a duration, never negative even if clocks differ; undefined if the time is unknown. */
const since = (at: number, now: number): number | undefined => (at === 0 ? undefined : Math.max(0, now - at));

/** Returns undefined for NaN, a count that the gate did not report. */
const known = (count: number): number | undefined => (Number.isNaN(count) ? undefined : count);
