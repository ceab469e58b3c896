import {Readable} from 'node:stream';
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';
import {InterruptedError} from '../../../../src/base/errors.js';
import {StdioSink, StdioSource} from '../../../../src/output/terminal/stdio.js';

/** A sink on a pipe, and what each write of the stream behind it has taken. */
function pipe() {
  const pieces: string[] = [];
  const stream = {
    write: (bytes: Uint8Array, done: () => void): boolean => {
      pieces.push(Buffer.from(bytes).toString());
      done();
      return true;
    },
    on: () => stream,
  };
  const sink = new StdioSink({
    fd: 1,
    isTerminal: false,
    size: () => ({columns: 80}),
    stream: () => stream as never,
    onClosed: () => {},
  });
  return {sink, pieces};
}

describe('output that continues is written to a pipe', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('within a short time, with simultaneous lines in one write', async () => {
    const {sink, pieces} = pipe();
    for (const line of ['a\n', 'b\n']) await sink.write(line);
    expect(pieces).toEqual([]);
    await vi.advanceTimersByTimeAsync(50);
    for (const line of ['c\n', 'd\n', 'e\n']) await sink.write(line);
    expect(pieces).toEqual(['a\nb\n']);
    await vi.advanceTimersByTimeAsync(50);
    expect(pieces).toEqual(['a\nb\n', 'c\nd\ne\n']);
  });

  test('at once if it is large', async () => {
    const {sink, pieces} = pipe();
    const much = 'x'.repeat(64 * 1024);
    await sink.write('a\n');
    await sink.write(much);
    expect(pieces).toEqual([`a\n${much}`]);
    await vi.advanceTimersByTimeAsync(50);
    await sink.flush();
    expect(pieces).toHaveLength(1);
  });
});

describe('D1: the answer to a prompt', () => {
  const never = new AbortController().signal;
  const answer = (chunks: readonly string[]): Promise<string | undefined> =>
    new StdioSource(true, () => Readable.from(chunks.map((chunk) => Buffer.from(chunk)))).readLine(never);

  test('is one line of at most 64 KiB', async () => {
    expect(await answer(['y', 'es\r\nrest'])).toBe('yes');
    expect(await answer(['no end'])).toBe('no end');
    expect(await answer([])).toBeUndefined();
    await expect(answer(Array.from({length: 100}, () => 'a'.repeat(1024)))).rejects.toThrow(
      'line 1 of stdin is longer than 65536 bytes',
    );
  });

  test('is abandoned when the command is interrupted', async () => {
    const interrupt = new AbortController();
    const waiting = new StdioSource(true, () => new Readable({read() {}})).readLine(interrupt.signal);
    interrupt.abort(new InterruptedError('SIGINT'));
    await expect(waiting).rejects.toThrow(InterruptedError);
  });
});
