import {parseBoundedJson} from '../../base/bounded-json.js';
import {DecodeError, UsageError} from '../../base/errors.js';
import {readFileLines} from '../../base/files/file-lines.js';
import type {UnreadRecord} from '../../session/gate-api.js';
import {decodeLocatedRecord} from '../records/cluster-records.js';
import type {LocatedRecord} from '../records/record-access.js';
import type {LocatedRow} from '../result-types.js';
import {parseRecordLine, recordLinePrefix, unreadRecordsIn} from './record-line.js';
import {parseSessionLine} from './session-line.js';
import {parseSnapshotHeader, type SnapshotHeader} from './snapshot-header.js';

/** Called for each record that an older snapshot marks as unread. */
export type OnUnreadRecords = (node: string, records: readonly UnreadRecord[]) => void;

/** A saved listing. Every query reads the file again; it is never held in memory. */
export interface SnapshotFile {
  readonly name: string;
  readonly header: SnapshotHeader;
  /** Yields the saved sessions. Rejects with DecodeError if the file is truncated or damaged. */
  rows(signal?: AbortSignal): AsyncGenerator<LocatedRow, void, undefined>;
  /** Yields the saved records, if any. Rejects with DecodeError like `rows`. */
  records(signal?: AbortSignal, onUnread?: OnUnreadRecords): AsyncGenerator<LocatedRecord, void, undefined>;
}

/** Opens a snapshot and reads its header. Rejects with UsageError if the file is not a snapshot. */
export async function openSnapshot(name: string): Promise<SnapshotFile> {
  const header = await headerOf(name);
  return {
    name,
    header,
    rows: (signal) => rowsOf(name, header, signal),
    records: (signal, onUnread) => recordsOf(name, header, {signal, onUnread}),
  };
}

async function headerOf(name: string): Promise<SnapshotHeader> {
  for await (const line of linesOf(name)) return parseSnapshotHeader(parsed(line), name);
  throw new UsageError(`"${name}" is empty`);
}

async function* rowsOf(
  name: string,
  header: SnapshotHeader,
  signal: AbortSignal | undefined,
): AsyncGenerator<LocatedRow, void, undefined> {
  const {sessions} = header;
  let count = 0;
  for await (const {line, number} of numberedLines(name, header, signal)) {
    if (number === 1 || line === '' || line.startsWith(recordLinePrefix)) continue; // the header and the records
    const row = parseSessionLine(parsed(line));
    if (row === undefined) throw new DecodeError(`line ${number} in snapshot "${name}" is not a session`);
    count += 1;
    yield row;
  }
  if (count !== sessions)
    throw new DecodeError(`the snapshot "${name}" is truncated: ${count} of ${sessions} sessions`);
}

async function* recordsOf(
  name: string,
  header: SnapshotHeader,
  {
    signal,
    onUnread,
  }: {readonly signal?: AbortSignal | undefined; readonly onUnread?: OnUnreadRecords | undefined},
): AsyncGenerator<LocatedRecord, void, undefined> {
  const expected = header.records?.count ?? 0;
  let count = 0;
  for await (const {line, number} of numberedLines(name, header, signal)) {
    if (!line.startsWith(recordLinePrefix)) continue;
    const found = parseRecordLine(parsed(line));
    if (found === undefined) throw new DecodeError(`line ${number} in snapshot "${name}" is not a record`);
    count += 1;
    const unread = unreadRecordsIn(found.record);
    if (unread.length > 0) onUnread?.(found.node, unread);
    else yield decodeLocatedRecord(found.node, found.record);
  }
  if (count !== expected)
    throw new DecodeError(`the snapshot "${name}" is truncated: ${count} of ${expected} records`);
}

const linesOf = (name: string): AsyncGenerator<string, void, undefined> =>
  readFileLines(name, {gunzip: true, hint: 'gatectl snapshot list'});

/**
 * Yields lines with their numbers, from 1. Throws DecodeError beyond the number of lines in the header, which limits
 * how far a small gzipped file can expand.
 */
async function* numberedLines(
  name: string,
  {sessions, records}: SnapshotHeader,
  signal: AbortSignal | undefined,
): AsyncGenerator<{readonly line: string; readonly number: number}, void, undefined> {
  const lineCount = 1 + sessions + (records?.count ?? 0);
  let number = 0;
  for await (const line of linesOf(name)) {
    number += 1;
    if (number % 1000 === 0) signal?.throwIfAborted();
    if (number > lineCount + 1)
      throw new DecodeError(`line ${number} in snapshot "${name}" is after the end given in its header`);
    yield {line, number};
  }
}

function parsed(line: string): unknown {
  try {
    return parseBoundedJson(line);
  } catch {
    return undefined;
  }
}
