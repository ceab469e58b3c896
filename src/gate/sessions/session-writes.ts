import {UsageError} from '../../base/errors.js';
import {checkText} from '../../bus/rpc/message-check.js';
import type {StringBag} from '../../session/session.js';
import type {LiveSession} from './live-session.js';

/** Refuses text that could be stored but never sent again: mqant's gate takes it, and the session is mute from then on. */
export function checkSettings(settings: StringBag): void {
  for (const [key, value] of Object.entries(settings)) {
    checkText(key, 'a settings key');
    checkText(value, `the value of ${JSON.stringify(key.slice(0, 80))}`);
  }
}

/** A session must fit into one reply with room to spare; a change that would make it larger is taken back. */
export function changeSettings(live: LiveSession, maxBytes: number, change: () => void): void {
  const before = live.session;
  change();
  const size = live.encoded.length;
  if (size <= maxBytes) return;
  live.restore(before);
  throw new UsageError(`the session would be ${size} bytes, more than the ${maxBytes} that can be sent`);
}
