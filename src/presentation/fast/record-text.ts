import type {LocatedRecord} from '../../cluster/cluster.js';
import {safeJson} from '../../output/text/safe-text.js';
import type {Session} from '../../session/session.js';
import {isKnownTime} from '../known-time.js';

/** ASCII without quotes and backslashes, which JSON does not escape. */
const plain = /^[ !#-[\]-~]*$/;
const text = (value: string): string => (plain.test(value) ? `"${value}"` : safeJson(value));

/** Returns the same text as `safeJson(recordJson(record))`. */
export function recordText({
  uid,
  node,
  session,
  value,
  revision,
  expiresAt,
  undecodable,
}: LocatedRecord): string {
  const base64 = Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  const expires = expiresAt !== undefined && isKnownTime(expiresAt) ? `"${isoText(expiresAt)}"` : 'null';
  const isKnown = expires !== 'null' || expiresAt === 0;
  const fault = undecodable === undefined ? 'null' : text(undecodable);
  return `{"uid":${text(uid)},"readBy":${text(node)},"revision":${text(revision)},"expiresAt":${expires},"expiresKnown":${isKnown},"bytes":${value.length},"value":"${base64}","undecodable":${fault},"session":${session === undefined ? 'null' : sessionText(session)}}`;
}

function sessionText({sessionId, serverId, userId, network, ip, settings}: Session): string {
  let pairs = '';
  for (const key of Object.keys(settings))
    pairs += `${pairs === '' ? '' : ','}${text(key)}:${text(settings[key] ?? '')}`;
  return `{"id":${text(sessionId)},"gate":${text(serverId)},"uid":${text(userId)},"network":${text(network)},"ip":${text(ip)},"settings":{${pairs}}}`;
}

const dayMs = 86_400_000;
/** Start of the year 10000, from which on ISO times have a longer form. */
const longYears = 253_402_300_800_000;
const twoDigits = Array.from({length: 60}, (_, number) => String(number).padStart(2, '0'));
let [lastDay, lastDate] = [-1, ''];

/** Remembers the date of the last day: expiries of many records lie close together. */
function isoText(unixMs: number): string {
  if (unixMs >= longYears) return new Date(unixMs).toISOString();
  const whole = Math.floor(unixMs);
  const day = Math.floor(whole / dayMs);
  if (day !== lastDay) [lastDay, lastDate] = [day, new Date(day * dayMs).toISOString().slice(0, 11)];
  const ms = whole - day * dayMs;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const thousandths = ms - seconds * 1000;
  const fraction =
    thousandths < 10 ? `00${thousandths}` : thousandths < 100 ? `0${thousandths}` : thousandths;
  return `${lastDate}${twoDigits[Math.floor(minutes / 60)]}:${twoDigits[minutes % 60]}:${twoDigits[seconds % 60]}.${fraction}Z`;
}
