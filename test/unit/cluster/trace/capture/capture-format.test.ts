import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {DecodeError} from '../../../../../src/base/errors.js';
import {
  type CaptureFrame,
  captureHeader,
  encodeCaptureFrame,
  parseCaptureFrames,
} from '../../../../../src/cluster/trace/capture/capture-format.js';
import {runs} from '../../../../support/tiers.js';

const header = captureHeader({at: '2026-01-01T00:00:00.000Z', server: 'nats://127.0.0.1:4222'});
const frames: readonly CaptureFrame[] = [
  {kind: 'nodes', at: 1.5, nodes: [{id: 'Gate@a', address: '_INBOX.x'}]},
  {kind: 'message', at: 2.25, subject: '_INBOX.ü', data: Buffer.from([0, 10, 255])},
  {kind: 'message', at: 2.5, subject: 's', data: Buffer.alloc(0)},
  {kind: 'gap', at: 3, why: 'the bus was lost'},
  {kind: 'end', at: 4, notSaved: 7},
];
const whole = Buffer.concat([header, ...frames.map(encodeCaptureFrame)]);

async function read(
  bytes: Uint8Array,
  pieceBytes: number,
): Promise<{frames: CaptureFrame[]; isCut: boolean}> {
  const found: CaptureFrame[] = [];
  let isCut = false;
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  for await (const frame of parseCaptureFrames(pieces(), () => {
    isCut = true;
  }))
    found.push(frame.kind === 'message' ? {...frame, data: Buffer.from(frame.data)} : frame);
  return {frames: found, isCut};
}

describe('a capture file', () => {
  test.each([1, 7, 64, 100_000])('returns its frames from chunks of %i bytes', async (size) => {
    expect(await read(whole, size)).toEqual({frames, isCut: false});
  });

  test('returns complete frames and reports the cut when truncated anywhere', async () => {
    for (let end = header.length; end < whole.length; end += 1) {
      const {frames: some, isCut} = await read(whole.subarray(0, end), 50);
      expect(some).toEqual(frames.slice(0, some.length));
      const bytes = header.length + some.reduce((sum, frame) => sum + encodeCaptureFrame(frame).length, 0);
      expect(isCut).toBe(bytes < end);
    }
  });

  test.each([
    ['nothing', ''],
    ['other text', 'hello\nworld'],
    ['another version', '{"format":"gatectl capture","version":2}\n'],
    ['an endless first line', 'x'.repeat(5000)],
  ])('rejects %s', async (_name, content) => {
    await expect(read(Buffer.from(content), 1000)).rejects.toBeInstanceOf(DecodeError);
  });

  test('parses damaged bytes to frames or a DecodeError', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: header.length, max: whole.length - 1}),
        fc.integer({min: 0, max: 255}),
        async (at, byte) => {
          const damaged = Buffer.from(whole);
          damaged[at] = byte;
          await read(damaged, 30).catch((error: unknown) => expect(error).toBeInstanceOf(DecodeError));
        },
      ),
      {numRuns: runs(1000)},
    );
  });
});
