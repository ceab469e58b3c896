/** A session as data, and its codecs: `import {decodeSession} from 'gatectl/session'`. */
export {editSession, type SessionEdit} from './edit-session.js';
export {type SessionDocument, sessionFromJson, sessionToJson} from './json.js';
export {decodeSessionMsgpack, encodeSessionMsgpack} from './msgpack.js';
export {
  defaultGuestRule,
  type GuestRule,
  newSession,
  type Session,
  type SessionRow,
  type StringBag,
  stringBag,
} from './session.js';
export {decodeSession, encodeSession} from './session-codec.js';
