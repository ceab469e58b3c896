import {DecodeError, UsageError} from '../../base/errors.js';
import {type ByteEncoding, type ByteReading, byteReadings, readBytes} from './byte-text.js';
import {type Decoded, decodeAs, type Kind, recognise} from './recognise.js';

/** Decoded data, and the encoding of its text. */
export interface DecodedText {
  readonly encoding: ByteEncoding;
  readonly bytes: Buffer;
  readonly decoded: Decoded;
}

interface DecodeChoice {
  readonly encoding?: ByteEncoding | undefined;
  readonly as?: Kind | undefined;
}

/**
 * Decodes bytes given as text. Tries all encodings, and picks the one whose bytes are of a known kind.
 * Rejects with UsageError if several encodings match, and with DecodeError if none does.
 */
export async function decodeText(text: string, {encoding, as}: DecodeChoice): Promise<DecodedText> {
  if (text.trim() === '') throw new DecodeError('there is nothing to decode: the text is empty');
  if (encoding !== undefined) return decodeReading(namedReading(text, encoding), as);
  const readings = [...byteReadings(text), ...(looksLikeJson(text) ? [rawOf(text)] : [])];
  const outcomes = await Promise.all(readings.map((reading) => outcomeOf(reading, as)));
  const decoded = distinct(outcomes.flatMap((outcome) => (outcome instanceof Error ? [] : [outcome])));
  const [first, second] = decoded;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined && second !== undefined) {
    throw new UsageError(
      `the text is a ${first.decoded.kind} read as ${first.encoding} and a ${second.decoded.kind} read as ${second.encoding}`,
      {hint: `say which: --encoding ${first.encoding}`},
    );
  }
  throw outcomes.find((outcome) => outcome instanceof Error) ?? notBytes(text);
}

/** Decodes the content of a file or a pipe: raw bytes, or bytes as text. */
export async function decodeInput(input: Buffer, choice: DecodeChoice): Promise<DecodedText> {
  const {encoding, as} = choice;
  if (encoding === 'raw') return decodeReading({encoding, bytes: input}, as);
  const text = printable(input);
  if (encoding !== undefined) {
    if (text !== undefined) return decodeText(text, choice);
    throw new DecodeError(`the input is not text, so it can't be ${encoding}`, {hint: '--encoding raw'});
  }
  if (text === undefined) return decodeReading({encoding: 'raw', bytes: input}, as);
  return decodeText(text, choice);
}

async function decodeReading({encoding, bytes}: ByteReading, as: Kind | undefined): Promise<DecodedText> {
  return {encoding, bytes, decoded: await (as === undefined ? recognise(bytes) : decodeAs(as, bytes))};
}

async function outcomeOf(reading: ByteReading, as: Kind | undefined): Promise<DecodedText | Error> {
  try {
    return await decodeReading(reading, as);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/** Removes encodings that result in the same bytes. */
function distinct(found: readonly DecodedText[]): readonly DecodedText[] {
  return found.filter((one, index) => found.findIndex(({bytes}) => bytes.equals(one.bytes)) === index);
}

function namedReading(text: string, encoding: ByteEncoding): ByteReading {
  const bytes = readBytes(text, encoding);
  if (bytes === undefined) throw new DecodeError(`the text ${shown(text)} is not ${encoding}`);
  return {encoding, bytes};
}

const rawOf = (text: string): ByteReading => ({encoding: 'raw', bytes: Buffer.from(text)});

const looksLikeJson = (text: string): boolean => /^\s*[[{]/.test(text);

function notBytes(text: string): DecodeError {
  return new DecodeError(`the text ${shown(text)} is neither hex nor base64 nor escapes nor JSON`, {
    hint: 'say what it is: --encoding hex|base64|base64url|escapes|numbers|raw',
  });
}

const shown = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);

/** Decodes text without control characters other than white space; undefined for anything else. */
function printable(input: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', {fatal: true}).decode(input);
    return /^[^\p{Cc}]*$/u.test(text.replaceAll(/[\n\r\t]/g, '')) ? text : undefined;
  } catch {
    return undefined;
  }
}
