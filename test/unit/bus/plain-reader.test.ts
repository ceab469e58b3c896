import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {ServerProtocolError, ServerReader} from '../../../src/bus/fast/server-reader.js';
import {runs} from '../../support/tiers.js';

/** What a server said, each thing as one line of text; the bytes of a message are looked at while they are good. */
function heard(chunks: readonly Buffer[]): string[] {
  const said: string[] = [];
  const kept: (() => string)[] = [];
  const reader = new ServerReader({
    info: (json) => said.push(`info ${json}`),
    ping: () => said.push('ping'),
    pong: () => said.push('pong'),
    error: (text) => said.push(`error ${text}`),
    message: ({subject, sid, reply, header, data, owned}) => {
      const now = data.toString('hex');
      said.push(`${subject} ${sid} ${reply} ${JSON.stringify(header)} ${now}`);
      if (owned) kept.push(() => (data.toString('hex') === now ? 'kept' : 'lost'));
    },
  });
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    reader.push(lent);
    lent.fill(0xaa); // the next read comes into the same memory
  }
  expect(kept.every((check) => check() === 'kept')).toBe(true);
  return said;
}

const word = fc.stringMatching(/^[a-z.*$_]{1,12}$/);
const piece = fc.oneof(
  fc
    .constantFrom('PING\r\n', 'PONG\r\n', '+OK\r\n', 'INFO {"a":"ü"}\r\n', "-ERR 'Stale Connection'\r\n")
    .map((text) => Buffer.from(text)),
  fc
    .record({subject: word, reply: fc.option(word), body: fc.uint8Array({maxLength: 40})})
    .map(({subject, reply, body}) =>
      Buffer.concat([
        Buffer.from(`MSG ${subject} 7 ${reply === null ? '' : `${reply} `}${body.length}\r\n`),
        body,
        Buffer.from('\r\n'),
      ]),
    ),
  fc
    .record({subject: word, reply: fc.option(word), body: fc.uint8Array({maxLength: 9})})
    .map(({subject, reply, body}) => {
      const header = 'NATS/1.0 503\r\n\r\n';
      const sizes = `${header.length} ${header.length + body.length}`;
      return Buffer.concat([
        Buffer.from(`HMSG ${subject} 12 ${reply === null ? '' : `${reply} `}${sizes}\r\n${header}`),
        body,
        Buffer.from('\r\n'),
      ]);
    }),
);

describe("the server's protocol lines", () => {
  test('parse equally however the bytes are split', () => {
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 8}), fc.array(fc.nat(), {maxLength: 12}), (pieces, cuts) => {
        const bytes = Buffer.concat(pieces);
        const places = [
          0,
          ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b),
          bytes.length,
        ];
        const chunks = places.slice(1).map((end, at) => bytes.subarray(places[at], end));
        expect(heard(chunks)).toEqual(pieces.flatMap((one) => heard([one])));
      }),
      {numRuns: runs(1000)},
    );
  });

  test.each([
    'HTTP/1.1 400\r\n',
    'MSG a\r\n',
    'MSG a 1 -5\r\n',
    'MSG a 1 9999999999\r\n',
    'HMSG a 1 9 4\r\n',
    'x'.repeat(70_000),
  ])('are rejected if malformed: %.20s', (text) => {
    expect(() => heard([Buffer.from(text)])).toThrow(ServerProtocolError);
  });
});
