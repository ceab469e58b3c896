import {UsageError} from '../../base/errors.js';
import {checkEncodableText} from '../../bus/rpc/message-check.js';
import type {StringBag} from '../../session/session.js';
import type {LiveSession} from './live-session.js';

/**
 * Throws UsageError for text that can't be encoded. mqant would store it, and then fail every later call on the
 * session.
 */
export function checkSettingsEncodable(settings: StringBag): void {
  for (const [key, value] of Object.entries(settings)) {
    checkEncodableText(key, 'a settings key');
    checkEncodableText(value, `the value of ${JSON.stringify(key.slice(0, 80))}`);
  }
}

/** Makes a change. Undoes it and throws UsageError if the session would no longer fit into a reply. */
export function changeWithinSizeLimit(live: LiveSession, maxBytes: number, change: () => void): void {
  const before = live.session;
  change();
  const size = live.encoded.length;
  if (size <= maxBytes) return;
  live.restore(before);
  throw new UsageError(`the session would be ${size} bytes, more than the ${maxBytes} that can be sent`);
}
