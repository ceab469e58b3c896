import type {CallEnvelope, ResultEnvelope} from '../../bus/rpc/envelope.js';
import type {RecordPage, SessionPage} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';
import type {DecodedData} from './decoded-data.js';

/**
 * Matches mqant's argument types. Protobuf has no field names on the wire, so only the values show what a message is.
 */

const argumentType =
  /^(?:null|string|bool|int|long|float|double|bytes|map|mapstr|trace|SESSION|ProtocolMarshal|(?:marshal|proto)@.+)$/;

/**
 * Matches an IP address with or without a port. Avoids node:net's check, which would load socket code for a decode.
 */
const isAddress = (ip: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$/.test(ip) ||
  (/^[0-9a-f:.[\]]{2,60}$/i.test(ip) && ip.split(':').length > 2);

/**
 * Counts how many of four members look like those of an mqant session: a hex id, a node id with `@`, a known network,
 * an IP address.
 */
function sessionSigns({sessionId, serverId, network, ip}: Session): number {
  const signs = [
    /^[0-9a-f]{8,32}$/i.test(sessionId),
    /^[^@\s]+@[^@\s]+$/.test(serverId),
    network === 'tcp' || network === 'websocket' || network === 'ws',
    isAddress(ip),
  ];
  return argumentType.test(sessionId) ? 0 : signs.filter(Boolean).length;
}

export const isPlausibleSession = (session: Session): boolean => sessionSigns(session) >= 2;

/** Ranks interpretations of the same bytes: a higher number is more plausible. */
export function plausibilityRank(decoded: DecodedData): number {
  switch (decoded.kind) {
    case 'session':
      return decoded.form === 'protobuf' ? sessionSigns(decoded.session) : 4;
    case 'call':
      return 1 + (isTyped(decoded.call) ? 1 : 0) + (decoded.call.expired > 0 ? 1 : 0);
    case 'page':
      return 4;
    case 'records':
      return 3;
    case 'result':
      return 2;
    case 'msgpack':
    case 'json':
      return typeof decoded.value === 'object' && decoded.value !== null ? 2 : 0;
  }
}

const isTyped = ({argsType}: CallEnvelope): boolean =>
  argsType.length > 0 && argsType.every((type) => argumentType.test(type));

/**
 * Returns true if the envelope looks like a call. Argument types may be a project's own, so a deadline, which every
 * caller sets, also identifies a call.
 */
export function isPlausibleCall(call: CallEnvelope): boolean {
  const {fn, argsType, args, replyTo, cid, expired} = call;
  if (!/^[\w./-]+$/.test(fn) || argsType.length !== args.length) return false;
  return isTyped(call) || expired > 0 || (argsType.length === 0 && replyTo !== '' && cid !== '');
}

export function isPlausibleResult({resultType, error, cid}: ResultEnvelope): boolean {
  return argumentType.test(resultType) || (resultType === '' && error !== '' && /^[\w-]{8,}$/.test(cid));
}

/** Requires at least one row: a page without rows is two bytes, too few to identify it. */
export function isPlausiblePage({rows}: SessionPage): boolean {
  return (
    rows.length > 0 && rows.every(({session, connectedAt}) => isPlausibleSession(session) && connectedAt > 0)
  );
}

export function arePlausibleRecords({records}: RecordPage): boolean {
  return records.length > 0 && records.every(({uid, value}) => uid !== '' && value.length > 0);
}
