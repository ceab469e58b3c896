import {Packr, Unpackr} from 'msgpackr';
import {DecodeError} from '../errors.js';
import {sessionFromFields, sessionToJson} from './json.js';
import type {Session} from './session.js';

/** Ordinary maps with text keys and no extension types, so that every msgpack library reads them. */
const packr = new Packr({useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true});
/** Maps as Map: a key like `__proto__` is a key like any other. */
const unpackr = new Unpackr({useRecords: false, mapsAsObjects: false, int64AsType: 'bigint'});

/** A msgpack map with the names of the JSON document. */
export function encodeSessionMsgpack(session: Session): Buffer {
  const {settings, carrier, ...rest} = sessionToJson(session);
  const maps = {settings: new Map(Object.entries(settings)), carrier: new Map(Object.entries(carrier))};
  return packr.pack({...rest, ...maps});
}

/** Rejects with DecodeError. */
export function decodeSessionMsgpack(bytes: Uint8Array): Session {
  const value = decodeMsgpack(bytes);
  if (!(value instanceof Map)) throw new DecodeError('a session is a msgpack map');
  return sessionFromFields((key) => value.get(key));
}

/** Any msgpack value; maps are Map. Rejects with DecodeError, also for text that is not UTF-8. */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = unpackr.unpack(bytes);
  } catch (cause) {
    const why = cause instanceof RangeError ? 'too deep' : 'malformed or cut short';
    throw new DecodeError(`not msgpack: ${why}`, {cause});
  }
  if (count(value, 0) > replacementsIn(bytes)) throw new DecodeError('a text in it is not valid UTF-8');
  return value;
}

const maxDepth = 64;

/** U+FFFD in all texts: more than the bytes themselves hold means that the decoder put some in. */
function count(value: unknown, depth: number): number {
  if (depth > maxDepth) throw new DecodeError(`nested deeper than ${maxDepth}`);
  if (typeof value === 'string') return value.split('\ufffd').length - 1;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return 0;
  const parts: unknown[] = value instanceof Map ? [...value].flat() : Array.isArray(value) ? value : [];
  return parts.reduce((sum: number, part) => sum + count(part, depth + 1), 0);
}

const replacementsIn = (bytes: Uint8Array): number =>
  Buffer.from(bytes).toString('latin1').split('\u00ef\u00bf\u00bd').length - 1;
