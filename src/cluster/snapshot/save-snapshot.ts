import {randomUUID} from 'node:crypto';
import {createReadStream, createWriteStream, promises as fs} from 'node:fs';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {createGzip, gzipSync} from 'node:zlib';
import {OutputError, UsageError} from '../../base/errors.js';
import {claimName, type FileClaim} from '../../base/files/file-claim.js';
import {isSpecialFile, resolveLinkTarget} from '../../base/files/link-target.js';
import {makePrivateFolder} from '../../base/files/private-files.js';
import {version} from '../../base/version.js';
import type {Selector} from '../../selector/selector.js';
import type {ClusterReader} from '../cluster.js';
import type {LocatedRecord} from '../records/record-access.js';
import type {Gathered, Listing} from '../result-types.js';
import {recordToLine} from './record-line.js';
import {sessionToLine} from './session-line.js';
import type {SavedRecordsSummary, SnapshotHeader} from './snapshot-header.js';

interface SaveOptions {
  /** Path of the snapshot. Compressed if it ends in `.gz`. */
  readonly file: string;
  readonly overwrite: boolean;
  readonly gates?: readonly string[] | undefined;
  readonly where?: Selector | undefined;
  /** Also saves the records in the gates' storage. */
  readonly records?: boolean | undefined;
  readonly context: string | null;
  /** Encodes a value as JSON that is safe to print on a terminal. */
  readonly toJson: (value: unknown) => string;
  /** Returns Unix milliseconds. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Saves a cluster's sessions as JSON lines with mode 0600, either completely or not at all. Memory is bounded: rows
 * are written as they arrive, and the header is prepended at the end.
 */
export async function saveSnapshot(cluster: ClusterReader, options: SaveOptions): Promise<SnapshotHeader> {
  const {overwrite} = options;
  let file = options.file;
  if (!overwrite && (await isThere(file))) throw thereAlready(file);
  let claim: FileClaim | undefined;
  try {
    file = await resolveLinkTarget(file);
    if (await isSpecialFile(file)) throw new UsageError(`"${file}" is not a regular file`);
    await makePrivateFolder(path.dirname(file));
    claim = await claimName(file);
    return await saveClaimed(cluster, {...options, file});
  } catch (error) {
    throw translated(error, file);
  } finally {
    await claim?.release();
  }
}

async function saveClaimed(cluster: ClusterReader, options: SaveOptions): Promise<SnapshotHeader> {
  const {file, overwrite, now} = options;
  const [body, whole] = [`${file}.${randomUUID()}.rows`, `${file}.${randomUUID()}.new`];
  const savedAt = new Date(now()).toISOString();
  try {
    const about = await Promise.all([cluster.info(options.gates), cluster.stats(options.gates)]);
    const {gates, where, signal} = options;
    const listing = await cluster.list({gates, where, signal});
    const stored = options.records === true ? await cluster.records.list({gates, signal}) : undefined;
    const counts = await writeRows(body, [listing, stored], options);
    const records = stored && {count: counts.records, gates: stored.outcomes()};
    const header = headerOf(cluster, listing, about, {
      ...options,
      savedAt,
      sessions: counts.sessions,
      saved: records,
    });
    await join(whole, body, `${options.toJson({snapshot: header})}\n`, isZipped(file));
    if (overwrite) await fs.rename(whole, file);
    else await linkNew(whole, file);
    return header;
  } finally {
    await Promise.all([body, whole].map((name) => fs.rm(name, {force: true}).catch(() => {})));
  }
}

const isZipped = (file: string): boolean => file.endsWith('.gz');

async function isThere(file: string): Promise<boolean> {
  return await fs.stat(file).then(
    () => true,
    () => false,
  );
}

/** Creates `to` as a link. Unlike a rename, this never overwrites a file that was created meanwhile. */
async function linkNew(from: string, to: string): Promise<void> {
  await fs.link(from, to).catch((cause: unknown) => {
    throw (cause as {readonly code?: unknown}).code === 'EEXIST' ? thereAlready(to) : cause;
  });
}

const thereAlready = (file: string): UsageError =>
  new UsageError(`"${file}" already exists`, {hint: 'pass --force to overwrite it'});

const pieceSize = 256 * 1024;

interface Counts {
  sessions: number;
  records: number;
}

/** Writes the sessions, then the records. Returns how many there were. */
async function writeRows(
  body: string,
  [listing, stored]: readonly [Listing, Listing<LocatedRecord> | undefined],
  options: SaveOptions,
): Promise<Counts> {
  const counts: Counts = {sessions: 0, records: 0};
  async function* lines(): AsyncGenerator<object, void, undefined> {
    for await (const row of listing.rows) {
      counts.sessions += 1;
      yield sessionToLine(row);
    }
    for await (const record of stored?.rows ?? []) {
      counts.records += 1;
      yield recordToLine(record);
    }
  }
  async function* pieces(): AsyncGenerator<string, void, undefined> {
    let piece = '';
    for await (const line of lines()) {
      piece += `${options.toJson(line)}\n`;
      if (piece.length < pieceSize) continue;
      yield piece;
      piece = '';
    }
    yield piece;
  }
  const to = createWriteStream(body, {flags: 'wx', mode: 0o600});
  if (isZipped(options.file)) await pipeline(Readable.from(pieces()), createGzip({level: 4}), to);
  else await pipeline(Readable.from(pieces()), to);
  return counts;
}

function headerOf(
  cluster: ClusterReader,
  listing: Listing,
  [info, stats]: readonly [
    Gathered<SnapshotHeader['gates'][number]['info']>,
    Gathered<SnapshotHeader['gates'][number]['stats']>,
  ],
  {
    context,
    where,
    savedAt,
    sessions,
    saved,
  }: SaveOptions & {
    readonly savedAt: string;
    readonly sessions: number;
    readonly saved: SavedRecordsSummary | undefined;
  },
): SnapshotHeader {
  const outcomes = new Map(listing.outcomes().map((outcome) => [outcome.node, outcome]));
  const gates = listing.expected.flatMap((node) => {
    const outcome = outcomes.get(node.id);
    return outcome === undefined
      ? []
      : [{node, outcome, info: info.results.get(node.id), stats: stats.results.get(node.id)}];
  });
  return {
    version: 1,
    gatectl: version,
    context,
    server: cluster.server,
    registry: cluster.registry,
    savedAt,
    where: where?.text ?? null,
    sessions,
    complete: gates.every(({outcome}) => outcome.status === 'ok'),
    gates,
    records: saved ?? null,
  };
}

/**
 * Joins header and body into a new file. Concatenated gzip members are one gzip file (RFC 1952, 2.2), so nothing is
 * compressed twice.
 */
async function join(whole: string, body: string, header: string, zipped: boolean): Promise<void> {
  const handle = await fs.open(whole, 'wx', 0o600);
  try {
    await handle.appendFile(zipped ? gzipSync(header) : header);
    for await (const piece of createReadStream(body, {highWaterMark: pieceSize})) {
      await handle.appendFile(piece as Buffer);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function translated(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) return error;
  return new OutputError(`cannot write "${file}": ${code}`, {cause: error});
}
