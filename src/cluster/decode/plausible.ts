import type {CallEnvelope, ResultEnvelope} from '../../bus/rpc/envelope.js';
import type {RecordPage, SessionPage} from '../../session/gate-api.js';
import type {Session} from '../../session/session.js';

/** Protobuf has no field names on the wire, so only the values show what a message is. */

const argumentType =
  /^(?:null|string|bool|int|long|float|double|bytes|map|mapstr|trace|SESSION|ProtocolMarshal|(?:marshal|proto)@.+)$/;

/** mqant's ids are 16 hex digits, its node ids contain `@`, and it has two networks. */
export function plausibleSession({sessionId, serverId, network, ip}: Session): boolean {
  const signs = [
    /^[0-9a-f]{8,32}$/i.test(sessionId),
    /^[^@\s]+@[^@\s]+$/.test(serverId),
    network === 'tcp' || network === 'websocket' || network === 'ws',
    /^[0-9a-f.:[\]]{3,}$/i.test(ip) && /[.:]/.test(ip),
  ];
  return signs.filter(Boolean).length >= 2 && !argumentType.test(sessionId);
}

/** Argument types may be a project's own. A deadline, which every caller sets, identifies such a call. */
export function plausibleCall({fn, argsType, args, replyTo, cid, expired}: CallEnvelope): boolean {
  if (!/^[\w./-]+$/.test(fn) || argsType.length !== args.length) return false;
  const isTyped = argsType.length > 0 && argsType.every((type) => argumentType.test(type));
  return isTyped || expired > 0 || (argsType.length === 0 && replyTo !== '' && cid !== '');
}

export function plausibleResult({resultType, error, cid}: ResultEnvelope): boolean {
  return argumentType.test(resultType) || (resultType === '' && error !== '' && /^[\w-]{8,}$/.test(cid));
}

/** A page without rows is two bytes, too few to identify it. */
export function plausiblePage({rows}: SessionPage): boolean {
  return (
    rows.length > 0 && rows.every(({session, connectedAt}) => plausibleSession(session) && connectedAt > 0)
  );
}

export function plausibleRecords({records}: RecordPage): boolean {
  return records.length > 0 && records.every(({uid, value}) => uid !== '' && value.length > 0);
}
