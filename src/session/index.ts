/** A session as data, and its codecs: `import {decodeSession} from 'gatectl/session'`. */

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
