import type {ByteText} from '../../output/fast/byte-text.js';
import type {BatchByteWriter, RowByteWriter} from '../../output/formats/presenter.js';
import {safeJson, safeText} from '../../output/text/safe-text.js';
import type {RowCursor} from '../../session/fast/row-cursor.js';
import {SessionField} from '../../session/session-field.js';
import {isKnownTime} from '../known-time.js';

/** These writers produce the cells of `sessionPresenter` straight from encoded rows. */

export const textBytes =
  (field: number): BatchByteWriter =>
  () =>
  (row, out) =>
    out.safe(row.bytes, row.starts[field] as number, row.ends[field] as number);

export const gateBytes: BatchByteWriter = ({node}) => {
  const text = Buffer.from(safeText(node));
  return isPlain(text) ? (_, out) => out.raw(text) : undefined;
};

export const numberBytes =
  (field: 'received' | 'sent'): BatchByteWriter =>
  () =>
  (row, out) =>
    out.number(row[field]);

export type TimeBytes = (field: 'connectedAt' | 'lastActiveAt') => BatchByteWriter;

/** `timeCell` for pipes: a timestamp. */
export const timestampBytes: TimeBytes = (field) => () => (row, out) => {
  const at = row[field];
  if (isKnownTime(at)) out.isoTime(at);
  else out.byte(dash);
};

/** `timeCell` for tables: an age. */
export const ageBytes =
  (nowMs: number): TimeBytes =>
  (field) =>
  ({observedAt = nowMs}) =>
  (row, out) => {
    const at = row[field];
    if (isKnownTime(at)) out.duration(observedAt - at);
    else out.byte(dash);
  };

const dash = 0x2d;

export const idBytes: BatchByteWriter = ({node}) => {
  const before = Buffer.from(`${node}/`);
  if (!isPlain(before)) return undefined;
  return (row, out) => {
    out.raw(before);
    out.safe(
      row.bytes,
      row.starts[SessionField.sessionId] as number,
      row.ends[SessionField.sessionId] as number,
    );
  };
};

/** Whether the bytes are printable ASCII without a backslash, which needs no escaping. */
const isPlain = (bytes: Uint8Array): boolean =>
  bytes.every((byte) => byte >= 0x20 && byte <= 0x7e && byte !== 0x5c);

const key = (name: string): Buffer => Buffer.from(`,"${name}":`);
const keys = {
  uid: key('uid'),
  guest: key('guest'),
  network: key('network'),
  ip: key('ip'),
  connectedAt: key('connectedAt'),
  lastActiveAt: key('lastActiveAt'),
  received: key('received'),
  sent: key('sent'),
  settings: key('settings'),
};
const words = {
  id: Buffer.from('{"id":'),
  true: Buffer.from('true'),
  false: Buffer.from('false'),
  null: Buffer.from('null'),
};
const [quote, colon, comma, open, close] = [0x22, 0x3a, 0x2c, 0x7b, 0x7d];

/** `sessionRecord` as JSON. */
export const recordBytes: BatchByteWriter = ({node}) => {
  const gate = Buffer.from(`,"gate":${safeJson(node)}`);
  const text = (row: RowCursor, out: ByteText, name: Uint8Array, field: number): void => {
    out.raw(name);
    out.json(row.bytes, row.starts[field] as number, row.ends[field] as number);
  };
  return (row, out) => {
    text(row, out, words.id, SessionField.sessionId);
    out.raw(gate);
    text(row, out, keys.uid, SessionField.userId);
    out.raw(keys.guest);
    out.raw(row.starts[SessionField.userId] === row.ends[SessionField.userId] ? words.true : words.false);
    text(row, out, keys.network, SessionField.network);
    text(row, out, keys.ip, SessionField.ip);
    timestampField(out, keys.connectedAt, row.connectedAt);
    timestampField(out, keys.lastActiveAt, row.lastActiveAt);
    out.raw(keys.received);
    out.number(row.received);
    out.raw(keys.sent);
    out.number(row.sent);
    out.raw(keys.settings);
    settings(row, out);
    out.byte(close);
  };
};

function timestampField(out: ByteText, name: Uint8Array, ms: number): void {
  out.raw(name);
  if (!isKnownTime(ms)) return out.raw(words.null);
  out.byte(quote);
  out.isoTime(ms);
  out.byte(quote);
}

const settings: RowByteWriter = (row, out) => {
  if (!areInOrder(row)) return out.string(safeJson(row.settings()));
  const {settingPlaces: places, settingCount, bytes} = row;
  out.byte(open);
  for (let at = 0; at < settingCount * 4; at += 4) {
    if (at > 0) out.byte(comma);
    out.json(bytes, places[at] as number, places[at + 1] as number);
    out.byte(colon);
    out.json(bytes, places[at + 2] as number, places[at + 3] as number);
  }
  out.byte(close);
};

const maxComparedSettings = 12;

/** Whether a JavaScript object would keep the settings in this order: no duplicate key, and none sorted as a number. */
function areInOrder({settingPlaces: places, settingCount, bytes}: RowCursor): boolean {
  if (settingCount > maxComparedSettings) return false;
  for (let at = 0; at < settingCount * 4; at += 4) {
    const start = places[at] as number;
    const length = (places[at + 1] as number) - start;
    const first = bytes[start] as number;
    if (length > 0 && first >= 0x30 && first <= 0x39) return false;
    for (let other = 0; other < at; other += 4) {
      const otherStart = places[other] as number;
      if ((places[other + 1] as number) - otherStart !== length) continue;
      let same = 0;
      while (same < length && bytes[start + same] === bytes[otherStart + same]) same += 1;
      if (same === length) return false;
    }
  }
  return true;
}
