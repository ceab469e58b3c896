import type {LocatedRecord} from '../../cluster/cluster.js';
import {safeJson} from '../../output/text/safe-text.js';
import type {Session} from '../../session/session.js';
import {isKnownTime} from './known-time.js';

/** Matches ASCII without quotes and backslashes, which needs no escaping in JSON. */
const plain = /^[ !#-[\]-~]*$/;
const text = (value: string): string => (plain.test(value) ? `"${value}"` : safeJson(value));

/** Returns the same text as `safeJson(recordJson(record))`. */
export function recordJsonText({
  uid,
  node,
  session,
  value,
  revision,
  expiresAt,
  undecodable,
}: LocatedRecord): string {
  const base64 = Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  const isTime = expiresAt !== undefined && isKnownTime(expiresAt);
  const expires = isTime ? `"${new Date(expiresAt).toISOString()}"` : 'null';
  const isKnown = isTime || expiresAt === 0;
  const fault = undecodable === undefined ? 'null' : text(undecodable);
  return `{"uid":${text(uid)},"readBy":${text(node)},"revision":${text(revision)},"expiresAt":${expires},"expiresKnown":${isKnown},"bytes":${value.length},"value":"${base64}","undecodable":${fault},"session":${session === undefined ? 'null' : sessionText(session)}}`;
}

function sessionText({sessionId, serverId, userId, network, ip, settings}: Session): string {
  let pairs = '';
  for (const key of Object.keys(settings))
    pairs += `${pairs === '' ? '' : ','}${text(key)}:${text(settings[key] ?? '')}`;
  return `{"id":${text(sessionId)},"gate":${text(serverId)},"uid":${text(userId)},"network":${text(network)},"ip":${text(ip)},"settings":{${pairs}}}`;
}
