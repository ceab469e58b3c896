import {createHash, randomBytes} from 'node:crypto';
import {mkdir, open, readdir, readFile, rename, rm, stat, unlink} from 'node:fs/promises';
import path from 'node:path';
import {ConflictError, UsageError} from '../errors.js';
import type {RecordPage, StorageAbility, StoredRecord} from '../session/gate-api.js';
import type {Session} from '../session/session.js';
import {encodeSession} from '../session/session-codec.js';
import {fileNameOf, uidOfFile} from './file-names.js';
import {pageOf} from './record-page.js';
import type {RecordStore} from './storage-handler.js';

/**
 * A folder with one file a uid, holding the protobuf session. A write goes to a file beside it, is flushed to the disk
 * and renamed, so a record is always one whole version, whenever the power goes. Many gates may share the folder.
 */
export class FileStore implements RecordStore {
  readonly ability: StorageAbility = {kind: 'file', get: true, delete: true, list: true};
  /** Writes of one file one after another. */
  private readonly tails = new Map<string, Promise<unknown>>();

  private constructor(private readonly folder: string) {}

  /** Makes the folder where it is missing. Rejects with UsageError when it can't be used. */
  static async open(folder: string): Promise<FileStore> {
    try {
      await mkdir(folder, {recursive: true, mode: 0o700});
      await removeLeftovers(folder);
    } catch (cause) {
      throw new UsageError(`the store folder "${folder}" can't be used: ${codeOf(cause)}`, {cause});
    }
    return new FileStore(folder);
  }

  async store(session: Session): Promise<void> {
    const file = this.fileOf(session.userId);
    const value = encodeSession(session);
    await this.alone(file, () => this.write(file, value));
  }

  async query(userId: string): Promise<Uint8Array | undefined> {
    return readIfThere(this.fileOf(userId));
  }

  async heartbeat(): Promise<void> {} // nothing expires

  delete(userId: string, revision?: string): Promise<boolean> {
    const file = this.fileOf(userId);
    return this.alone(file, async () => {
      const value = await readIfThere(file);
      if (value === undefined) return false;
      const found = revisionOf(value);
      if (revision !== undefined && revision !== found) {
        throw new ConflictError(
          `the record of "${userId}" is at revision ${found}, not ${JSON.stringify(revision)}`,
        );
      }
      await unlink(file);
      await this.flushFolder();
      return true;
    });
  }

  async get(userId: string): Promise<StoredRecord | undefined> {
    const value = await readIfThere(this.fileOf(userId));
    return value && {uid: userId, value, revision: revisionOf(value), expiresAt: 0};
  }

  async list(after: string, limit: number): Promise<RecordPage> {
    const uids = (await readdir(this.folder)).map(uidOfFile).filter((uid) => uid !== undefined);
    return pageOf(uids, after, limit, (uid) => this.get(uid));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.tails.values());
  }

  private fileOf(userId: string): string {
    const name = fileNameOf(userId);
    if (name === undefined)
      throw new UsageError(`the uid "${userId.slice(0, 40)}" has no file name: it is empty or too long`);
    return path.join(this.folder, name);
  }

  private async write(file: string, value: Uint8Array): Promise<void> {
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

  /** The new name itself has to reach the disk. */
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
    const running = before.then(work, work);
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

/** Drafts of a process that was killed. Another gate may be writing one this moment, so only old ones go. */
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

/** Two equal values are the same version. */
const revisionOf = (value: Uint8Array): string =>
  createHash('sha256').update(value).digest('hex').slice(0, 16);

async function readIfThere(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  const {code, message} = error as NodeJS.ErrnoException;
  return code ?? message;
}
