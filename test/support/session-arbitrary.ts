import fc from 'fast-check';
import {SessionPageWriter} from '../../src/session/codec/session-page.js';
import {encodeSession} from '../../src/session/codec/session-protobuf.js';
import {newSession, type SessionRow, stringBag} from '../../src/session/session.js';
import {evilText} from './evil.js';

/** Text of every sort that a session may hold: plain, long, of other scripts, hostile. */
export const anyText = fc.oneof(
  {weight: 6, arbitrary: fc.string({unit: 'grapheme-ascii', maxLength: 20})},
  {weight: 1, arbitrary: fc.string({unit: 'grapheme-ascii', minLength: 100, maxLength: 300})},
  {weight: 2, arbitrary: fc.string({unit: 'grapheme', maxLength: 12})},
  {
    weight: 2,
    arbitrary: fc.string({
      unit: fc.constantFrom(...'ab "\\玩家龙䷀䀀鿿㿿ꀀあ가，é😀\ufe00\u0301'),
      maxLength: 12,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      evilText,
      '"',
      '\\',
      '\\n',
      '10',
      '007',
      '__proto__',
      '=1+1',
      '用户',
      ' ',
      'tcp',
      'a,b',
    ),
  },
);

const moment = fc.oneof(
  fc.constantFrom(
    0,
    1,
    1_770_000_000_000,
    253_402_300_799_999,
    253_402_300_800_000,
    8.64e15,
    8.64e15 + 1,
    2 ** 53 - 1,
  ),
  fc.integer({min: 1_600_000_000_000, max: 1_900_000_000_000}),
);
const count = fc.oneof(fc.nat(), fc.constantFrom(0, 127, 128, 2 ** 31, 2 ** 53 - 1));

/** A row as a gate could have it. */
export const anyRow: fc.Arbitrary<SessionRow> = fc
  .record({
    texts: fc.tuple(anyText, anyText, anyText, anyText, anyText, anyText, anyText, anyText),
    settings: fc.array(fc.tuple(anyText, anyText), {maxLength: 20}),
    carrier: fc.array(fc.tuple(anyText, anyText), {maxLength: 2}),
    connectedAt: moment,
    lastActiveAt: moment,
    received: count,
    sent: count,
  })
  .map(({texts, settings, carrier, ...numbers}) => {
    const [ip, network, userId, sessionId, serverId, traceId, spanId, topic] = texts.map((text) =>
      text.toWellFormed(),
    );
    const bag = (entries: readonly (readonly [string, string])[]) =>
      stringBag(entries.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()]));
    const fields = {ip, network, userId, sessionId, serverId, traceId, spanId, topic} as Record<
      string,
      string
    >;
    const session = newSession({...fields, settings: bag(settings), carrier: bag(carrier)});
    return {session, ...numbers};
  });

/** The page that a gate would make of rows. */
export function pageOfRows(rows: readonly SessionRow[], next = '', now = 1_770_000_000_000): Buffer {
  const writer = new SessionPageWriter();
  for (const {session, ...numbers} of rows) writer.add({session: encodeSession(session), ...numbers});
  return writer.finish(next, {now});
}
