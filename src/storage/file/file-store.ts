import {createHash, randomBytes} from 'node:crypto';
import {open, opendir, readdir, readFile, rename, rm, stat, unlink} from 'node:fs/promises';
import path from 'node:path';
import {PermissionError, UnreadableRecordError, UsageError} from '../../base/errors.js';
import {resolveLinkTarget} from '../../base/files/link-target.js';
import {makePrivateFolder} from '../../base/files/private-files.js';
import type {RecordPage, StorageCapabilities, StoredRecord} from '../../session/gate-api.js';
import {BaseStore, revisionConflictError} from '../base-store.js';
import {refuseMemberLoss} from '../record-encoding.js';
import {pageOfRecords, sortedUids} from '../record-page.js';
import type {PutOptions} from '../storage-handler.js';
import {withFileLock} from './file-lock.js';
import {fileNameOf, uidOfFile} from './file-names.js';

/**
 * Records in a folder, one protobuf file per uid. A write goes to a temporary file, which is flushed to disk and
 * renamed, so a record is always a complete version, even after a power failure. Several gates may share the folder.
 */
export class FileStore extends BaseStore {
  readonly ability: StorageCapabilities = {
    kind: 'file',
    get: true,
    put: true,
    delete: true,
    list: true,
    expire: false,
  };
  /** Files never expire. */
  readonly ttlMs = undefined;
  /** The last write of each file; writes to a file run one at a time. */
  private readonly tails = new Map<string, Promise<unknown>>();

  private constructor(private readonly folder: string) {
    super();
  }

  /**
   * Opens a folder. With `create`, creates it if it is missing, and removes files of interrupted writes; without, a missing folder
   * is an error, because it would look like an empty store. Rejects with PermissionError or UsageError if it can't be used.
   */
  static async open(folder: string, {create = true}: {readonly create?: boolean} = {}): Promise<FileStore> {
    try {
      if (create) {
        await makePrivateFolder(folder);
        await removeLeftovers(folder);
      } else await (await opendir(folder)).close();
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'ENOENT')
        throw new UsageError(`there is no folder "${folder}"`, {
          hint: 'check the path; for a new store: mkdir -m 700 FOLDER',
          cause,
        });
      const text = `cannot use the store folder "${folder}": ${code === 'EEXIST' || code === 'ENOTDIR' ? 'it is not a folder' : code}`;
      throw isDenied(cause) ? new PermissionError(text, {cause}) : new UsageError(text, {cause});
    }
    return new FileStore(folder);
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const value = await readIfThere(this.fileOf(userId));
    return value && {uid: userId, value, revision: revisionOf(value), expiresAt: 0};
  }

  async put(userId: string, value: Uint8Array, options: PutOptions = {}): Promise<string> {
    const {after, ttlMs = 0, stored} = options;
    const file = this.fileOf(userId);
    if (stored !== undefined) refuseMemberLoss(userId, stored, 'protobuf');
    if (ttlMs !== 0)
      throw new UsageError('the file store has no expiry', {
        hint: 'redis:// and jetstream:// support expiry',
      });
    return this.alone(file, async () => {
      if (after !== undefined) {
        const found = revisionOf(await readIfThere(file));
        if (after !== found) throw revisionConflictError(userId, found, after);
      }
      await this.write(file, value);
      return revisionOf(value);
    });
  }

  async touch(_userId: string, revision: string): Promise<string> {
    return revision;
  }

  delete(userId: string, revision?: string): Promise<boolean> {
    const file = this.fileOf(userId);
    return this.alone(file, async () => {
      const found = revisionOf(await readIfThere(file));
      if (found === '') return false;
      if (revision !== undefined && revision !== found) throw revisionConflictError(userId, found, revision);
      await unlink(file);
      await this.flushFolder();
      return true;
    });
  }

  async list(after: string, limit: number): Promise<RecordPage> {
    const uids = sortedUids((await readdir(this.folder)).flatMap((file) => uidOfFile(file) ?? []));
    return pageOfRecords(uids, after, limit, (uid) => this.get(uid));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.tails.values());
  }

  private fileOf(userId: string): string {
    const name = fileNameOf(userId);
    if (name === undefined)
      throw new UsageError(`invalid uid "${userId.slice(0, 40)}" for the file store: empty or too long`);
    return path.join(this.folder, name);
  }

  private async write(name: string, value: Uint8Array): Promise<void> {
    const file = await resolveLinkTarget(name);
    const draft = `${file}.${randomBytes(6).toString('hex')}${draftSuffix}`;
    try {
      const handle = await open(draft, 'wx', 0o600);
      try {
        await handle.writeFile(value);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(draft, file);
    } catch (error) {
      await rm(draft, {force: true});
      throw error;
    }
    await this.flushFolder();
  }

  /** Flushes the folder, so that the new file name is on disk too. */
  private async flushFolder(): Promise<void> {
    const handle = await open(this.folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  private alone<T>(file: string, work: () => Promise<T>): Promise<T> {
    const before = this.tails.get(file) ?? Promise.resolve();
    const locked = () => withFileLock(`${file}${lockSuffix}`, work);
    const running = before.then(locked, locked).catch((cause: unknown) => {
      if (!isDenied(cause)) throw cause;
      throw new PermissionError(`cannot write "${file}": ${codeOf(cause)}`, {cause});
    });
    const tail = running
      .catch(() => {})
      .finally(() => {
        if (this.tails.get(file) === tail) this.tails.delete(file);
      });
    this.tails.set(file, tail);
    return running;
  }
}

const draftSuffix = '.draft';
const lockSuffix = '.lock';

/**
 * Removes temporary files left behind by killed processes. Recent files are kept, because another gate may still be writing
 * them.
 */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.endsWith(draftSuffix)) continue;
    const file = path.join(folder, name);
    const age = await stat(file).then(
      ({mtimeMs}) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > 60_000) await rm(file, {force: true});
  }
}

/** Returns the revision of a value: equal for equal values, empty without a value. */
const revisionOf = (value: Uint8Array | undefined): string =>
  value === undefined ? '' : createHash('sha256').update(value).digest('hex').slice(0, 16);

/** Reads a file; returns undefined if it is missing. Rejects if it can't be read. */
async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') return undefined;
    const text = `cannot read "${file}": ${code === 'EISDIR' ? 'it is a folder, not a file' : code}`;
    if (isDenied(cause)) throw new PermissionError(text, {cause});
    throw new UnreadableRecordError(text, {cause});
  }
}

const isDenied = (error: unknown): boolean =>
  ['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');

function codeOf(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException;
  return code ?? message;
}
