import {DecodeError, UsageError} from '../../../base/errors.js';
import {splitLines} from '../../../base/lines.js';
import {decodeSession} from '../../../session/codec/session-protobuf.js';
import {parseStrictJson} from '../../../session/codec/strict-json.js';
import type {ForeignValue} from '../../../session/gate-api.js';

/** A record of an export. */
export interface ImportLine {
  readonly uid: string;
  readonly value: Uint8Array;
  /** Milliseconds from now; 0 for never; negative once expired; undefined where the export did not know. */
  readonly ttlMs: number | undefined;
  /** Why the export could not read the stored bytes as a session. */
  readonly undecodable: string | undefined;
  /** The bytes of the store that was exported, where they hold more than a session. */
  readonly stored: ForeignValue | undefined;
}

export interface ImportLines {
  readonly lines: readonly ImportLine[];
  /** The export itself says that records are missing. */
  readonly isIncomplete: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads and checks all lines, so that nothing is written when one is wrong. Rejects with UsageError that names the line. */
export async function parseImportLines(bytes: Uint8Array, source: string, now: number): Promise<ImportLines> {
  const lines: ImportLine[] = [];
  let isIncomplete = false;
  let number = 0;
  for await (const text of splitLines([bytes], {source, LineError: UsageError})) {
    number += 1;
    if (text.trim() === '') continue;
    try {
      const fields = fieldsOf(parseStrictJson(text));
      if ('summary' in fields) isIncomplete ||= isPartial(fields['summary']);
      else lines.push(parseImportLine(fields, now));
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError(`line ${number} cannot be imported: ${why}`, {hint: 'nothing was written', cause});
    }
  }
  return {lines, isIncomplete};
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new DecodeError('it is no JSON object');
}

const isPartial = (summary: unknown): boolean => (summary as {complete?: unknown} | null)?.complete === false;

function parseImportLine(fields: Fields, now: number): ImportLine {
  const {uid, undecodable} = fields;
  if (typeof uid !== 'string' || uid === '') throw new DecodeError('it has no uid');
  const value = bytesOf(fields);
  const reason = undecodable === undefined || undecodable === null ? undefined : String(undecodable);
  if (reason === undefined) decodeSession(value);
  else if (value.length === 0)
    throw new DecodeError(`it is of a record that could not be read (${reason}) and has no bytes`);
  return {uid, value, ttlMs: ttlOf(fields, now), undecodable: reason, stored: storedOf(fields)};
}

/** An empty value is only believed where the line says that it has 0 bytes. */
function bytesOf({value, bytes}: Fields): Buffer {
  if (typeof value !== 'string') throw new DecodeError('it has no value');
  const decoded = fromBase64(value, 'value');
  if (value === '' && bytes !== 0)
    throw new DecodeError('its value is empty; a record of no bytes says so: "bytes": 0');
  if (typeof bytes === 'number' && bytes !== decoded.length)
    throw new DecodeError(`its value has ${decoded.length} bytes, not ${bytes}`);
  return decoded;
}

function storedOf({stored, encoding}: Fields): ForeignValue | undefined {
  if (stored === undefined || stored === null) return undefined;
  if (typeof stored !== 'string' || typeof encoding !== 'string')
    throw new DecodeError('it has stored bytes without an encoding');
  return {encoding, bytes: fromBase64(stored, 'stored')};
}

function fromBase64(text: string, name: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  throw new DecodeError(`its ${name} is no base64`);
}

function ttlOf({expiresAt, expiresKnown}: Fields, now: number): number | undefined {
  if (expiresAt === undefined || expiresAt === null) return expiresKnown === true ? 0 : undefined;
  const end = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  if (Number.isNaN(end)) throw new DecodeError('its expiresAt is no time');
  return end - now || -1;
}
