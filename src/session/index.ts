/** A session as data, and its codecs: `import {decodeSession} from 'gatectl/session'`. */

export {editSession, type SessionEdit} from './codec/edit-session.js';
export {type SessionDocument, sessionFromJson, sessionToJson} from './codec/session-json.js';
export {decodeSessionMsgpack, encodeSessionMsgpack} from './codec/session-msgpack.js';
export {decodeSession, encodeSession} from './codec/session-protobuf.js';
export {
  defaultGuestRule,
  type GuestRule,
  newSession,
  type Session,
  type SessionRow,
  type StringBag,
  stringBag,
} from './session.js';
