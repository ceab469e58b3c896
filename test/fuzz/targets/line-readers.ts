// The reader of lines: plans, outcome files, snapshots, the journal and streams of registries all stand on it.
import {DecodeError} from '../../../src/base/errors.js';
import {LineSplitter} from '../../../src/base/split-lines.js';
import {decoded, holds, type Target} from '../target.js';

const maxLineBytes = 16;

/** The lines of the input in chunks of this size, and whether it was refused after them. */
function linesOf(
  input: Buffer,
  chunkBytes: number,
): {readonly lines: readonly string[]; readonly refused: boolean} {
  const lines: string[] = [];
  const splitter = new LineSplitter({source: 'fuzz', maxLineBytes});
  const whole = decoded([DecodeError], () => {
    for (let at = 0; at < input.length; at += chunkBytes)
      for (const line of splitter.push(input.subarray(at, at + chunkBytes))) lines.push(line);
    lines.push(...splitter.end());
    return true;
  });
  return {lines, refused: whole === undefined};
}

export const lines: Target = {
  name: 'lines',
  seeds: ['a\r\nb\n\nc', '0123456789abcdef\r\n0123456789abcdefg', '\ufeffü\n\u2028'].map((one) =>
    Buffer.from(one),
  ),
  words: [
    '\n',
    '\r',
    '\r\n',
    '\u0000',
    '\ufeff',
    'ü',
    Buffer.of(0xff),
    Buffer.of(0xed, 0xa0, 0x80),
    '0123456789abcdef',
  ],
  run(input) {
    const whole = linesOf(input, input.length || 1);
    for (const chunkBytes of [1, 3, 17]) {
      const cut = linesOf(input, chunkBytes);
      holds(JSON.stringify(cut) === JSON.stringify(whole), 'the same lines, however the bytes come');
    }
    holds(
      whole.lines.every((line) => Buffer.byteLength(line) <= maxLineBytes && !line.includes('\n')),
      'a line is short and one line',
    );
    if (whole.refused) return;
    const text = input
      .toString()
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n')
      .replace(/\n$/, '');
    holds(whole.lines.join('\n') === text, 'nothing of the text is lost');
  },
};
