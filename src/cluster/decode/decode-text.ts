import {DecodeError} from '../../base/errors.js';
import {
  type ByteEncoding,
  type BytesInEncoding,
  byteEncodings,
  bytesOfText,
  decodeInEveryEncoding,
} from './byte-encodings.js';
import {type DecompressedData, decompress} from './compression.js';
import {decodeAsEveryKind, decodeAsKind} from './decode-as-kind.js';
import type {DataKind, DecodedData} from './decoded-data.js';
import {plausibilityRank} from './plausibility.js';

/** Decoded data, with the encoding and compression of the input. */
export interface DecodedText {
  readonly encoding: ByteEncoding;
  readonly compression: DecompressedData['compression'];
  /** The bytes after decompression. */
  readonly bytes: Buffer;
  readonly decoded: DecodedData;
  /** Less plausible interpretations of the same input. */
  readonly others: readonly OtherReading[];
}

interface OtherReading {
  readonly encoding: ByteEncoding;
  readonly kind: DataKind;
}

interface DecodeChoice {
  readonly encoding?: ByteEncoding | undefined;
  readonly as?: DataKind | undefined;
}

/**
 * Decodes bytes that are given as text. Tries all encodings and returns the most plausible result. Rejects with
 * DecodeError if no encoding yields data that gatectl knows.
 */
export async function decodeText(text: string, {encoding, as}: DecodeChoice): Promise<DecodedText> {
  if (text.trim() === '') throw new DecodeError('nothing to decode: the text is empty');
  if (encoding !== undefined) return decodeReading(namedReading(text, encoding), as);
  const readings = [...decodeInEveryEncoding(text), ...(looksLikeJson(text) ? [rawOf(text)] : [])];
  const outcomes = await Promise.all(readings.map((reading) => outcomeOf(reading, as)));
  const decoded = distinct(outcomes.flatMap((outcome) => (outcome instanceof Error ? [] : [outcome])));
  const [first, ...rest] = decoded.sort(
    (one, other) => plausibilityRank(other.decoded) - plausibilityRank(one.decoded),
  );
  if (first === undefined) throw outcomes.find((outcome) => outcome instanceof Error) ?? notBytes(text);
  return {...first, others: [...first.others, ...rest.map(readingOf)]};
}

/** Decodes the contents of a file or pipe: raw bytes, or bytes as text. */
export async function decodeInput(input: Buffer, choice: DecodeChoice): Promise<DecodedText> {
  const {encoding, as} = choice;
  if (encoding === 'raw') return decodeRaw(input, as);
  const text = printable(input);
  if (encoding !== undefined) {
    if (text !== undefined) return decodeText(text, choice);
    throw new DecodeError(`the input is not text, so it cannot be ${encoding}`, {hint: '--encoding raw'});
  }
  return text === undefined ? decodeRaw(input, as) : decodeText(text, choice);
}

/** Decodes raw bytes. If that fails, tries again without the final line break that `redis-cli --raw` adds. */
async function decodeRaw(input: Buffer, as: DataKind | undefined): Promise<DecodedText> {
  const whole = await outcomeOf({encoding: 'raw', bytes: input}, as);
  if (!(whole instanceof Error)) return whole;
  if (input.at(-1) !== 0x0a) throw whole;
  const withoutBreak = await outcomeOf({encoding: 'raw', bytes: input.subarray(0, -1)}, as);
  if (withoutBreak instanceof Error) throw whole;
  return withoutBreak;
}

async function decodeReading(reading: BytesInEncoding, as: DataKind | undefined): Promise<DecodedText> {
  const {encoding} = reading;
  const {compression, bytes} = await decompress(reading.bytes);
  const [decoded, ...others] =
    as === undefined ? await decodeAsEveryKind(bytes) : [await decodeAsKind(as, bytes)];
  return {encoding, compression, bytes, decoded, others: others.map(({kind}) => ({encoding, kind}))};
}

const readingOf = ({encoding, decoded: {kind}}: DecodedText): OtherReading => ({encoding, kind});

async function outcomeOf(reading: BytesInEncoding, as: DataKind | undefined): Promise<DecodedText | Error> {
  try {
    return await decodeReading(reading, as);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/** Removes results that have the same bytes as an earlier one. */
function distinct(found: readonly DecodedText[]): DecodedText[] {
  return found.filter((one, index) => found.findIndex(({bytes}) => bytes.equals(one.bytes)) === index);
}

function namedReading(text: string, encoding: ByteEncoding): BytesInEncoding {
  const bytes = bytesOfText(text, encoding);
  if (bytes === undefined) throw new DecodeError(`${shown(text)} is not valid ${encoding}`);
  return {encoding, bytes};
}

const rawOf = (text: string): BytesInEncoding => ({encoding: 'raw', bytes: Buffer.from(text)});

const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

function notBytes(text: string): DecodeError {
  return new DecodeError(`${shown(text)} is neither hex nor base64 nor escapes nor JSON`, {
    hint: `specify the encoding: --encoding ${byteEncodings.join('|')}`,
  });
}

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Decodes UTF-8 text without control characters other than white space; returns undefined for anything else. */
function printable(input: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(input);
    return /^[^\p{Cc}]*$/u.test(text.replaceAll(/[\n\r\t]/g, '')) ? text : undefined;
  } catch {
    return undefined;
  }
}
