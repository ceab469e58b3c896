import {Packr} from 'msgpackr';
import {DecodeError} from '../../base/errors.js';
import type {Session} from '../session.js';
import {readMsgpack} from './msgpack-reader.js';
import {rejectNonSession, sessionFromFields, sessionToJson} from './session-json.js';

/** Writes plain maps with string keys and no extension types, which every msgpack library can read. */
const packr = new Packr({useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true});

/** Encodes a session as a msgpack map with the same field names as the JSON document. */
export function encodeSessionMsgpack(session: Session): Buffer {
  const {settings, carrier, ...rest} = sessionToJson(session);
  const maps = {settings: new Map(Object.entries(settings)), carrier: new Map(Object.entries(carrier))};
  return packr.pack({...rest, ...maps});
}

/** Decodes a session from a msgpack map. Throws DecodeError. */
export function decodeSessionMsgpack(bytes: Uint8Array): Session {
  const value = readMsgpack(bytes);
  if (!(value instanceof Map)) throw new DecodeError('not a session: expected a msgpack map', {offset: 0});
  rejectNonSession([...value.keys()]);
  return sessionFromFields((key) => value.get(key));
}
