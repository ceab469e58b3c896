import {errorMessage} from '../../../base/error-details.js';
import {DecodeError, UsageError} from '../../../base/errors.js';
import {splitLines} from '../../../base/split-lines.js';
import {decodeSession} from '../../../session/codec/session-protobuf.js';
import {parseStrictJson} from '../../../session/codec/strict-json.js';
import type {ForeignValue} from '../../../session/gate-api.js';

/** One exported record. */
export interface ImportedRecord {
  readonly uid: string;
  readonly value: Uint8Array;
  /** Milliseconds from now; 0 for never; negative if already expired; undefined if the export does not say. */
  readonly ttlMs: number | undefined;
  /** Why the exporting gatectl could not decode the stored bytes as a session. */
  readonly undecodable: string | undefined;
  /** The bytes in the exported store's own encoding, if they hold more than a session. */
  readonly stored: ForeignValue | undefined;
}

interface ImportLines {
  readonly lines: readonly ImportedRecord[];
  /** Whether the export's summary says that records are missing. */
  readonly isIncomplete: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Parses and checks all lines before any record is written. Rejects with a UsageError that names the invalid line. */
export async function parseImportLines(bytes: Uint8Array, source: string, now: number): Promise<ImportLines> {
  const lines: ImportedRecord[] = [];
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
      throw new UsageError(`cannot import line ${number}: ${errorMessage(cause)}`, {
        hint: 'nothing was written',
        cause,
      });
    }
  }
  return {lines, isIncomplete};
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new DecodeError('expected a JSON object');
}

const isPartial = (summary: unknown): boolean => (summary as {complete?: unknown} | null)?.complete === false;

function parseImportLine(fields: Fields, now: number): ImportedRecord {
  const {uid, undecodable} = fields;
  if (typeof uid !== 'string' || uid === '') throw new DecodeError('missing uid');
  const value = bytesOf(fields);
  const reason = undecodable === undefined || undecodable === null ? undefined : String(undecodable);
  if (reason === undefined) decodeSession(value);
  else if (value.length === 0)
    throw new DecodeError(
      `the record could not be read when it was exported (${reason}): its bytes are missing`,
    );
  return {uid, value, ttlMs: ttlOf(fields, now), undecodable: reason, stored: storedOf(fields)};
}

/** Decodes the value from base64. An empty value is valid only with `"bytes": 0`. */
function bytesOf({value, bytes}: Fields): Buffer {
  if (typeof value !== 'string') throw new DecodeError('missing value');
  const decoded = fromBase64(value, 'value');
  if (value === '' && bytes !== 0)
    throw new DecodeError('empty value: expected "bytes": 0 for an empty record');
  if (typeof bytes === 'number' && bytes !== decoded.length)
    throw new DecodeError(`value has ${decoded.length} bytes, expected ${bytes}`);
  return decoded;
}

function storedOf({stored, encoding}: Fields): ForeignValue | undefined {
  if (stored === undefined || stored === null) return undefined;
  if (typeof stored !== 'string' || typeof encoding !== 'string')
    throw new DecodeError('stored bytes without an encoding');
  return {encoding, bytes: fromBase64(stored, 'stored')};
}

function fromBase64(text: string, name: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  throw new DecodeError(`invalid base64 in "${name}"`);
}

function ttlOf({expiresAt, expiresKnown}: Fields, now: number): number | undefined {
  if (expiresAt === undefined || expiresAt === null) return expiresKnown === true ? 0 : undefined;
  const end = typeof expiresAt === 'string' ? Date.parse(expiresAt) : Number.NaN;
  if (Number.isNaN(end)) throw new DecodeError(`invalid expiresAt "${String(expiresAt)}"`);
  return end - now || -1;
}
