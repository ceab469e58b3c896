import {CallError, DecodeError} from '../../base/errors.js';
import {decodeRecordPage} from '../../session/codec/record-page.js';
import {decodeSessionPage} from '../../session/codec/session-page.js';
import {admissionLimitNames, type HitsByLimit} from '../../session/gate-admission.js';
import {
  type DeliveryOutcome,
  deliveryStates,
  type GateFunction,
  type GateStats,
  type GroupCount,
  type RecordPage,
  type SessionCount,
  type SessionPage,
  type StoredRecord,
  type WatchLease,
} from '../../session/gate-api.js';
import {
  type DrainState,
  type GateHealth,
  type GateServiceState,
  healthMemberNames,
} from '../../session/gate-health.js';
import type {Session} from '../../session/session.js';
import type {CallTarget} from '../rpc/pending-call.js';
import type {RpcArgument} from '../rpc/rpc-arguments.js';
import {malformedReply} from './gate-refusal.js';

type Fields = Readonly<Record<string, unknown>>;

export function replyNumber(value: RpcArgument): number {
  return value.type === 'long' ? Number(value.value) : value.type === 'int' ? value.value : 0;
}

export function replyBytes(value: RpcArgument): Uint8Array {
  if (value.type === 'bytes') return value.value;
  throw new DecodeError(`invalid page in a reply: expected bytes, not "${value.type}"`);
}

export function replyMap(value: RpcArgument): Readonly<Record<string, unknown>> {
  if (value.type === 'map') return value.value;
  throw new DecodeError(`invalid reply: expected a map, not "${value.type}"`);
}

/** Parses the reply to GatectlCount. Throws DecodeError. */
export function parseCountReply(fields: Fields): SessionCount {
  const {filtered, groups} = fields;
  return {
    sessions: numberIn(fields, 'sessions'),
    bound: numberIn(fields, 'bound'),
    ...(filtered === true ? {filtered} : {}),
    ...(Array.isArray(groups) ? {groups: groups.map(groupIn)} : {}),
  };
}

/** Parses a group `{key, sessions, bound}`. */
function groupIn(value: unknown): GroupCount {
  if (typeof value !== 'object' || value === null)
    throw new DecodeError('invalid group in a count: expected an object');
  const fields = value as Fields;
  const {key} = fields;
  return {
    key: typeof key === 'string' ? key : null,
    sessions: numberIn(fields, 'sessions'),
    bound: numberIn(fields, 'bound'),
  };
}

/** Parses the reply to GatectlDeliver, which has one delivery per session. Throws DecodeError. */
export function parseDeliveries({deliveries}: Fields, count: number): readonly DeliveryOutcome[] {
  if (!Array.isArray(deliveries) || deliveries.length !== count)
    throw new DecodeError(`invalid "deliveries" in a reply: expected a list of ${count}`);
  return deliveries.map((one: unknown) => {
    const {state, detail} = Object(one) as Fields;
    const known = deliveryStates.find((name) => name === state);
    if (known === undefined) throw new DecodeError('invalid "state" of a delivery in a reply');
    return {state: known, ...(typeof detail === 'string' && {detail})};
  });
}

/** Parses the reply to GatectlStats. Throws DecodeError. */
export function parseStatsReply(fields: Fields): GateStats {
  const number = (key: string): number => numberIn(fields, key);
  return {
    now: number('now'),
    startedAt: number('startedAt'),
    sessions: number('sessions'),
    bound: number('bound'),
    connects: number('connects'),
    disconnects: number('disconnects'),
    received: number('received'),
    sent: number('sent'),
    dirty: number('dirty'),
    ...(fields['refused'] !== undefined && {refused: number('refused')}),
    ...(fields['refusedReplies'] !== undefined && {refusedReplies: number('refusedReplies')}),
    ...(fields['limitHits'] !== undefined && {limitHits: hitsIn(fields['limitHits'])}),
    ...(typeof fields['failure'] === 'string' && {failure: fields['failure']}),
    ...stateOfReply(fields),
    ...healthOfReply(fields),
  };
}

/** Parses limit hits, `{maxSessions: {count, lastAt}, …}`. Leaves out limits that this version does not know. */
function hitsIn(value: unknown): HitsByLimit {
  const byLimit = Object(value) as Fields;
  return Object.fromEntries(
    admissionLimitNames.flatMap((name) => {
      if (!Object.hasOwn(byLimit, name)) return [];
      const hits = Object(byLimit[name]) as Fields;
      return [[name, {count: numberIn(hits, 'count'), lastAt: numberIn(hits, 'lastAt')}]];
    }),
  );
}

/** Returns the `state` in a reply; nothing if it is missing or unknown. */
export function stateOfReply({state}: Fields): {readonly state?: GateServiceState} {
  return state === 'serving' || state === 'draining' ? {state} : {};
}

/** Returns the `health` of a gate that reports it, without members that are not valid sizes or times. */
export function healthOfReply({health}: Fields): {readonly health?: GateHealth} {
  if (typeof health !== 'object' || health === null) return {};
  const fields = health as Fields;
  const members = healthMemberNames.flatMap((name) => {
    const value = fields[name];
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? [[name, value]] : [];
  });
  return {health: Object.fromEntries(members)};
}

/** Parses the reply to GatectlDrain. Throws DecodeError. */
export function parseDrainReply(fields: Fields): DrainState {
  const {state} = stateOfReply(fields);
  if (state === undefined) throw new DecodeError('invalid "state" in a reply: expected serving or draining');
  return {state, sessions: numberIn(fields, 'sessions')};
}

/** Parses the reply to GatectlWatch. Throws DecodeError. */
export function parseLeaseReply(fields: Fields): WatchLease {
  const number = (key: string): number => numberIn(fields, key);
  const filtered = fields['filtered'] === true ? {filtered: true} : {};
  return {
    feed: number('feed'),
    next: number('next'),
    leaseMs: number('leaseMs'),
    now: number('now'),
    ...filtered,
  };
}

function numberIn(fields: Fields, key: string): number {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw new DecodeError(`invalid "${key}" in a reply: expected a number`);
}

export const sessionPageOfReply = (value: RpcArgument): SessionPage => decodeSessionPage(replyBytes(value));
export const recordPageOfReply = (value: RpcArgument): RecordPage => decodeRecordPage(replyBytes(value));

export function recordOfReply(
  value: RpcArgument,
  {node}: CallTarget,
  fn: GateFunction,
): StoredRecord | undefined {
  const {records, unread = []} = recordPageOfReply(value);
  const [failed] = unread;
  if (failed === undefined) return records[0];
  throw new CallError(
    {reason: failed.reason, node, fn},
    `${node} could not read the record: ${failed.message}`,
  );
}

export function sessionOfReply(value: RpcArgument, {node}: CallTarget, fn: GateFunction): Session {
  if (value.type === 'SESSION') return value.value;
  throw malformedReply(node, fn, `"${value.type}" instead of a session`);
}
