import {setImmediate as turn} from 'node:timers/promises';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {ServerWriter} from '../../../src/bus/fast/server-writer.js';
import {runs} from '../../support/tiers.js';

test('sends all messages in order, and reuses a buffer only after it was sent', async () => {
  const message = fc.record({
    subject: fc.stringMatching(/^[a-z]{1,9}$/),
    body: fc.uint8Array({maxLength: 5000}),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(message, {maxLength: 30}), {maxLength: 5}),
      fc.nat(),
      async (turns, delay) => {
        const pieces: Buffer[] = [];
        const onTheirWay: (() => void)[] = [];
        const writer = new ServerWriter((bytes, sent) => {
          onTheirWay.push(() => {
            pieces.push(Buffer.from(bytes)); // the system takes it only now
            bytes.fill(0xaa);
            sent();
          });
          if (onTheirWay.length > delay % 4) onTheirWay.shift()?.();
        });
        const expected: Buffer[] = [];
        for (const messages of turns) {
          for (const {subject, body} of messages) {
            writer.publish(`PUB ${subject} ${body.length}`, body);
            expected.push(
              Buffer.from(`PUB ${subject} ${body.length}\r\n`),
              Buffer.from(body),
              Buffer.from('\r\n'),
            );
          }
          writer.line('PING');
          expected.push(Buffer.from('PING\r\n'));
          await turn();
        }
        writer.flush();
        for (const leave of onTheirWay.splice(0)) leave();
        expect(Buffer.concat(pieces).equals(Buffer.concat(expected))).toBe(true);
      },
    ),
    {numRuns: runs(200)},
  );
});
