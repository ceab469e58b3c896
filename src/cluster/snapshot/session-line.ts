import {newSession, stringBag} from '../../session/session.js';
import type {LocatedRow} from '../result-types.js';

const iso = (unixMs: number | undefined): string | null =>
  unixMs === undefined || unixMs <= 0 || unixMs > 8.64e15 ? null : new Date(unixMs).toISOString();

/** Converts a session to a line of a snapshot: as in `sessions list -o jsonl`, plus what is needed to restore it. */
export function sessionToLine({node, session, observedAt, ...row}: LocatedRow) {
  return {
    id: session.sessionId,
    gate: node,
    ...(session.serverId === node ? {} : {serverId: session.serverId}),
    uid: session.userId,
    guest: session.userId === '',
    network: session.network,
    ip: session.ip,
    connectedAt: iso(row.connectedAt),
    lastActiveAt: iso(row.lastActiveAt),
    observedAt: iso(observedAt),
    received: row.received,
    sent: row.sent,
    traceId: session.traceId,
    spanId: session.spanId,
    settings: session.settings,
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** Parses a session's line; returns undefined if it is invalid. */
export function parseSessionLine(value: unknown): LocatedRow | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Fields;
  const node = text(fields['gate']);
  const sessionId = text(fields['id']);
  if (node === '' || sessionId === '') return undefined;
  const observedAt = moment(fields['observedAt']);
  return {
    node,
    ...(observedAt === 0 ? {} : {observedAt}),
    connectedAt: moment(fields['connectedAt']),
    lastActiveAt: moment(fields['lastActiveAt']),
    received: count(fields['received']),
    sent: count(fields['sent']),
    session: newSession({
      sessionId,
      serverId: typeof fields['serverId'] === 'string' ? fields['serverId'] : node,
      userId: text(fields['uid']),
      network: text(fields['network']),
      ip: text(fields['ip']),
      traceId: text(fields['traceId']),
      spanId: text(fields['spanId']),
      settings: settingsOf(fields['settings']),
    }),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const count = (value: unknown): number => (Number.isSafeInteger(value) ? Number(value) : 0);

const moment = (value: unknown): number => (typeof value === 'string' ? Date.parse(value) || 0 : 0);

function settingsOf(value: unknown) {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return stringBag(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
