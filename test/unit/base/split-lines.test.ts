import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseBoundedJson} from '../../../src/base/bounded-json.js';
import {DecodeError, UsageError} from '../../../src/base/errors.js';
import {LineSplitter, type LineSplitterOptions} from '../../../src/base/split-lines.js';
import {runs} from '../../support/tiers.js';

interface Read {
  readonly lines: readonly string[];
  readonly fault: string | undefined;
}

function read(chunks: readonly Uint8Array[], options: Partial<LineSplitterOptions> = {}): Read {
  const splitter = new LineSplitter({source: '"x"', ...options});
  const lines: string[] = [];
  try {
    for (const chunk of chunks) for (const line of splitter.push(chunk)) lines.push(line);
    for (const line of splitter.end()) lines.push(line);
  } catch (error) {
    return {lines, fault: (error as Error).message};
  }
  return {lines, fault: undefined};
}

const text = (whole: string, options?: Partial<LineSplitterOptions>): Read =>
  read([Buffer.from(whole)], options);

function chunked(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({length: Math.ceil(bytes.length / size)}, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
}

describe('D1: lines', () => {
  test('end with LF or CRLF, and the last line may lack it', () => {
    expect(text('a\r\nb\n\nc').lines).toEqual(['a', 'b', '', 'c']);
    expect(text('a\n').lines).toEqual(['a']);
    expect(text('').lines).toEqual([]);
    expect(text('a\rb\u2028c\u0000d\r').lines).toEqual(['a\rb\u2028c\u0000d\r']);
    expect(text('\ufeffa\n\ufeffb').lines).toEqual(['a', '\ufeffb']);
  });

  test('are an error with their number if too long, with or without a line end', () => {
    const limited = {maxLineBytes: 5};
    expect(text('12345\r\n12345\n12345', limited).lines).toHaveLength(3);
    for (const long of ['123456\n', '123456', '1234567890123\n']) {
      expect(text(`a\nb\n${long}`, limited)).toEqual({
        lines: ['a', 'b'],
        fault: 'line 3 of "x" is longer than 5 bytes',
      });
    }
  });

  test('are an error if they are not UTF-8', () => {
    const {lines, fault} = read([Buffer.from('a\nb\n'), Buffer.of(0x62, 0xff), Buffer.from('\nc')]);
    expect(lines).toEqual(['a', 'b']);
    expect(fault).toBe('line 3 of "x" is not UTF-8');
    expect(read([Buffer.of(0xed, 0xa0, 0x80)]).fault).toBe('line 1 of "x" is not UTF-8');
  });

  test('are the same however the bytes are split', () => {
    const piece = fc.oneof(
      fc
        .constantFrom('\n', '\r', '\r\n', '\ufeff', '\u0000', 'ü', '123456', '𝄞')
        .map((some) => Buffer.from(some)),
      fc.uint8Array({maxLength: 6}).map((some) => Buffer.from(some)),
    );
    fc.assert(
      fc.property(fc.array(piece, {maxLength: 30}), fc.integer({min: 1, max: 9}), (pieces, size) => {
        const bytes = Buffer.concat(pieces);
        const whole = read([bytes], {maxLineBytes: 12});
        expect(read(chunked(bytes, size), {maxLineBytes: 12})).toEqual(whole);
      }),
      {numRuns: runs(300)},
    );
  });

  test('take linear time: 16 MB in chunks of 256 bytes would otherwise copy 500 GB', () => {
    const line = Buffer.alloc(16 * 1024 * 1024, 'a');
    const {lines, fault} = read([...chunked(line, 256), Buffer.from('\nb')]);
    expect(fault).toBeUndefined();
    expect(lines.map(({length}) => length)).toEqual([line.length, 1]);
  });

  test('throw the error class that the reader passes', () => {
    const fault = (options: Partial<LineSplitterOptions>) => () => [
      ...new LineSplitter({source: 's', maxLineBytes: 1, ...options}).push(Buffer.from('abc\n')),
    ];
    expect(fault({})).toThrow(DecodeError);
    expect(fault({LineError: UsageError})).toThrow(UsageError);
  });
});

describe('D1: untrusted JSON', () => {
  test('is refused if it is nested so deeply that parsing would take gigabytes', () => {
    expect(() => parseBoundedJson('['.repeat(10_000_000))).toThrow('nested deeper than 1000 levels');
    expect(() => parseBoundedJson(`{"a":`.repeat(100_000))).toThrow('nested deeper than 1000 levels');
    const brackets = `"${'[\\"'.repeat(100_000)}"`;
    expect(parseBoundedJson(`[${brackets}]`)).toEqual([JSON.parse(brackets)]);
  });
});
