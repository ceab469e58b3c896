import type {ConnectionState} from '../../src/session/connection-state.js';
import {type Session, stringBag} from '../../src/session/session.js';

/** Text that would take a terminal over, if it ever reached one raw. */
export const evilText = [
  '\u001b]52;c;ZXZpbA==\u0007', // write the clipboard
  '\u001b]0;OWNED\u0007', // set the title
  '\u001b]8;;http://evil.test\u001b\\click\u001b]8;;\u001b\\', // hide a link
  '\u001b[2J\u001b[H\u001b[?1049h\u001b[6n\u001b[>c\u001b[31m', // clear, other screen, make the terminal answer
  '\u001bP+q544e\u001b\\\u001b_apc\u001b\\', // DCS, APC
  '\u009b2J\u009d0;x\u009c', // the same in eight bits
  '\u0007\b\r\u007f\u0085',
  '\u202ecod.exe\u2066iso\u2069', // bidi
  '\u200b\u200d\ufeff\u2060\u{e0041}', // nothing to see
  'bob\nadmin\tonline\u2028\u2029',
].join('');

/** Every text of it that a client, a module or a store can choose is evil. */
export function evilSession(sessionId: string, serverId: string): Partial<Session> {
  return {
    sessionId,
    serverId,
    userId: `uid${evilText}`,
    ip: `127.0.0.1${evilText}`,
    network: `tcp${evilText}`,
    traceId: `trace${evilText}`,
    spanId: `span${evilText}`,
    topic: `topic${evilText}`,
    settings: stringBag([
      ['User-Agent', `agent${evilText}`],
      [`key${evilText}`, 'value'],
      ['=HYPERLINK("http://evil.test")', evilText],
    ]),
  };
}

/** The kind of danger in one character, judged by its number alone: not by the program's own table of them. */
function dangerOf(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x09 || code === 0x0a) return undefined; // the writer's own
  if (code < 0x20 || code === 0x7f) return `C0 ${code.toString(16)}`;
  if (code >= 0x80 && code <= 0x9f) return `C1 ${code.toString(16)}`;
  return /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(character) ? `invisible ${code.toString(16)}` : undefined;
}

/** The kinds of dangerous character in an output; none when it is safe. */
export function dangersIn(output: string): string[] {
  return [...new Set(Array.from(output, dangerOf))].filter((danger) => danger !== undefined);
}

/** A client that is stuck, and has subscribed to a hostile filter. */
export const evilConnection: ConnectionState = {
  ...{waitingBytes: 900, waitingPackets: 3, oldestWaitingAt: 1, lastSentAt: 1, keepAliveEndsAt: 1},
  ...{subscriptionCount: 1, subscriptions: [{filter: `filter${evilText}`, qos: 1}]},
};
