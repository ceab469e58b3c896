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

const dangerousBytes: readonly (readonly [string, RegExp])[] = [
  ['ESC', /\u001b/],
  ['BEL', /\u0007/],
  ['BS', /[\u0008]/],
  ['CR', /\r/],
  ['DEL', /\u007f/],
  ['another C0', /[\u0000-\u0006\u000b\u000c\u000e-\u001a\u001c-\u001f]/],
  ['C1', /[\u0080-\u009f]/],
  ['bidi, format or separator', /[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u],
];

/** The kinds of dangerous character in an output; none when it is safe. Tabs and line ends are the writer's own. */
export function dangersIn(output: string): string[] {
  return dangerousBytes.filter(([, pattern]) => pattern.test(output)).map(([name]) => name);
}
