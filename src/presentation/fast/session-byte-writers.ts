import {type ByteTextBuilder, PlainAsciiText} from '../../output/fast/byte-text-builder.js';
import type {BatchByteWriter} from '../../output/formats/presenter.js';
import {safeJson} from '../../output/text/safe-text.js';
import {sessionFieldNumbers} from '../../session/codec/session-field-numbers.js';
import type {RowCursor} from '../../session/fast/row-cursor.js';
import {isKnownTime} from './known-time.js';

/** The writers in this file produce the cells of `sessionPresenter` directly from encoded rows. */

export const textByteWriter =
  (field: number): BatchByteWriter =>
  () =>
  (row, out) =>
    out.safe(row.view, row.starts[field] as number, row.ends[field] as number);

export const gateByteWriter: BatchByteWriter = ({node}) => {
  if (!isPlain(node)) return undefined;
  const text = raw(node);
  return (_, out) => out.raw(text);
};

export const numberByteWriter =
  (field: 'received' | 'sent'): BatchByteWriter =>
  () =>
  (row, out) =>
    out.number(row[field]);

export type TimeByteWriter = (field: 'connectedAt' | 'lastActiveAt') => BatchByteWriter;

/** Writes a timestamp, like `timeCellFormatter` for pipes. */
export const timestampByteWriter: TimeByteWriter = (field) => () => (row, out) => {
  const at = row[field];
  if (isKnownTime(at)) out.isoTime(at);
  else out.byte(dash);
};

/** Writes an age, like `timeCellFormatter` for tables. */
export const ageByteWriter =
  (nowMs: number): TimeByteWriter =>
  (field) =>
  ({observedAt = nowMs}) =>
  (row, out) => {
    const at = row[field];
    if (isKnownTime(at)) out.duration(observedAt - at);
    else out.byte(dash);
  };

const [dash, quote] = [0x2d, 0x22];

export const idByteWriter: BatchByteWriter = ({node}) => {
  if (!isPlain(node)) return undefined;
  const before = raw(`${node}/`);
  return (row, out) => {
    out.raw(before);
    out.safe(
      row.view,
      row.starts[sessionFieldNumbers.sessionId] as number,
      row.ends[sessionFieldNumbers.sessionId] as number,
    );
  };
};

/** Whether text is printable ASCII without a backslash, which needs no escaping. */
const isPlain = (text: string): boolean => /^[ -[\]-~]*$/.test(text);

const raw = (text: string): PlainAsciiText => new PlainAsciiText(text);

/** Returns the parts of a record's JSON that are the same for all rows of a gate. Built on use: most commands write no rows. */
const recordParts = (node: string) => ({
  id: raw('{"id":"'),
  gate: raw(`","gate":${safeJson(node)},"uid":"`),
  guest: raw('","guest":true,"network":"'),
  bound: raw('","guest":false,"network":"'),
  ip: raw('","ip":"'),
  connectedAt: raw('","connectedAt":'),
  lastActiveAt: raw(',"lastActiveAt":'),
  received: raw(',"received":'),
  sent: raw(',"sent":'),
  settings: raw(',"settings":'),
  firstKey: raw(',"settings":{"'),
  nextKey: raw('","'),
  value: raw('":"'),
  lastEnd: raw('"}}'),
  end: raw('}'),
  null: raw('null'),
});

/** Writes `sessionRecord` as JSON. Everything between two values is written at once. */
export const sessionJsonByteWriter: BatchByteWriter = ({node}) => {
  const parts = recordParts(node);
  return (row, out) => {
    const {starts, ends, view} = row;
    const text = (before: PlainAsciiText, field: number): void => {
      out.raw(before);
      out.json(view, starts[field] as number, ends[field] as number);
    };
    const timestamp = (ms: number): void => {
      if (!isKnownTime(ms)) return out.raw(parts.null);
      out.byte(quote);
      out.isoTime(ms);
      out.byte(quote);
    };
    text(parts.id, sessionFieldNumbers.sessionId);
    text(parts.gate, sessionFieldNumbers.userId);
    text(
      starts[sessionFieldNumbers.userId] === ends[sessionFieldNumbers.userId] ? parts.guest : parts.bound,
      sessionFieldNumbers.network,
    );
    text(parts.ip, sessionFieldNumbers.ip);
    out.raw(parts.connectedAt);
    timestamp(row.connectedAt);
    out.raw(parts.lastActiveAt);
    timestamp(row.lastActiveAt);
    out.raw(parts.received);
    out.number(row.received);
    out.raw(parts.sent);
    out.number(row.sent);
    settings(row, out, parts);
  };
};

/** Writes the settings and the end of the record. */
function settings(row: RowCursor, out: ByteTextBuilder, parts: ReturnType<typeof recordParts>): void {
  const {settingPlaces: places, settingCount, view} = row;
  if (settingCount === 0 || !areInOrder(row)) {
    out.raw(parts.settings);
    out.string(safeJson(row.settings()));
    return out.raw(parts.end);
  }
  for (let at = 0; at < settingCount * 4; at += 4) {
    out.raw(at === 0 ? parts.firstKey : parts.nextKey);
    out.json(view, places[at] as number, places[at + 1] as number);
    out.raw(parts.value);
    out.json(view, places[at + 2] as number, places[at + 3] as number);
  }
  out.raw(parts.lastEnd);
}

const maxComparedSettings = 12;

/** Whether a JavaScript object would keep the settings in this order: no duplicate key, and none that sorts as a number. */
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
