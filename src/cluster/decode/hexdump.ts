interface DumpLine {
  readonly offset: string;
  /** `undefined` for a line of `*`, which repeats the line before it. */
  readonly bytes: Buffer | undefined;
  /** Whether the bytes are 16-bit words, the last of which may have a byte too many. */
  readonly words: boolean;
}

/**
 * Accepts the output of xxd (`00000010: 0a0e 31…  ..1`), of hexdump -C, od -t x1 and Wireshark (`00000010  0a 0e 31 …   |..1|`),
 * and the 16-bit words of hexdump and od -x (`0000020 0e0a 3231`), which are in the order of the machine: little-endian.
 * Offsets are hexadecimal, octal or decimal. Returns undefined for anything else.
 */
export function bytesOfHexdump(text: string): Buffer | undefined {
  const lines: DumpLine[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const read = readLine(line);
    if (read === undefined) return undefined;
    lines.push(read);
  }
  if (lines.length < 2 && !/^\s*(?:0x)?0{4,}(?::|\s)/.test(text)) return undefined;
  for (const radix of [16, 8, 10]) {
    const bytes = joinLines(lines, radix);
    if (bytes !== undefined) return bytes;
  }
  return undefined;
}

function readLine(line: string): DumpLine | undefined {
  if (line.trim() === '*') return {offset: '', bytes: undefined, words: false};
  const [, offset, colon, rest = ''] = /^\s*(?:0x)?([0-9a-f]{4,16})(:?)(?:\s+(.*))?$/i.exec(line) ?? [];
  if (offset === undefined) return undefined;
  const hex = rest.split(colon === ':' ? '  ' : /[|>]|\s{3}/, 1)[0]?.trim() ?? '';
  const words = colon === '' && /^[0-9a-f]{4}(?:\s+[0-9a-f]{4})*$/i.test(hex);
  const digits = hex.replaceAll(/\s+/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  const bytes = Buffer.from(digits, 'hex');
  return {offset, bytes: words ? bytes.swap16() : bytes, words};
}

/** Joins the bytes of the lines. Returns undefined if the offsets, read in this radix, don't fit. */
function joinLines(lines: readonly DumpLine[], radix: number): Buffer | undefined {
  const parts: Buffer[] = [];
  let size = 0;
  let repeats = false;
  for (const [at, {offset, bytes}] of lines.entries()) {
    if (bytes === undefined) {
      if (parts.length === 0) return undefined;
      repeats = true;
      continue;
    }
    const start = Number.parseInt(offset, radix);
    if (repeats) {
      const added = repeated(parts.at(-1), start - size);
      if (added === undefined) return undefined;
      parts.push(added);
      size += added.length;
      repeats = false;
    }
    const hasFiller = start === size - 1 && bytes.length === 0 && lines[at - 1]?.words === true;
    if (hasFiller) return Buffer.concat(parts).subarray(0, start);
    if (start !== size) return undefined;
    parts.push(bytes);
    size += bytes.length;
  }
  return Buffer.concat(parts);
}

const maxRepeatedBytes = 16 * 1024 * 1024;

function repeated(line: Buffer | undefined, size: number): Buffer | undefined {
  if (line === undefined || line.length === 0 || size <= 0 || size > maxRepeatedBytes) return undefined;
  return size % line.length === 0 ? Buffer.alloc(size, line) : undefined;
}
