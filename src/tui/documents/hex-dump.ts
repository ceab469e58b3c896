import {formatCount} from '../../output/text/humanize.js';

const perLine = 16;
const maxBytes = 64 * 1024;

/**
 * Formats bytes like `hexdump -C`: offset, 16 bytes, and their ASCII characters. Truncates after 64
 * KiB and says so in the last line.
 */
export function hexDump(bytes: Uint8Array): string {
  const shown = bytes.subarray(0, maxBytes);
  const lines: string[] = [];
  for (let at = 0; at < shown.length; at += perLine)
    lines.push(hexLine(shown.subarray(at, at + perLine), at));
  if (bytes.length > maxBytes)
    lines.push(`and ${formatCount(bytes.length - maxBytes)} more bytes: see the view "text"`);
  return lines.length === 0 ? '(empty)' : lines.join('\n');
}

function hexLine(bytes: Uint8Array, offset: number): string {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const ascii = Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
  const halves = [pairs.slice(0, 8).join(' '), pairs.slice(8).join(' ')].join('  ').padEnd(48);
  return `${offset.toString(16).padStart(8, '0')}  ${halves}  |${ascii.join('')}|`;
}
