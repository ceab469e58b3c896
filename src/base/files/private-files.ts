import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCode, errorCodeOrText} from '../error-details.js';
import {OutputError} from '../errors.js';
import {isSpecialFile, resolveLinkTarget} from './link-target.js';

/**
 * Writes a file that only its owner can read (mode 0600; missing folders 0700). The write is atomic: even after a crash, readers
 * see either the old or the new version. Follows symbolic links and replaces their target. Rejects with OutputError.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  try {
    await writeWhole(file, text);
  } catch (cause) {
    throw new OutputError(`cannot write "${file}": ${errorCodeOrText(cause)}`, {cause});
  }
}

async function writeWhole(name: string, text: string): Promise<void> {
  const file = await resolveLinkTarget(name);
  if (await isSpecialFile(file)) return await fs.writeFile(file, text);
  await makePrivateFolder(path.dirname(file));
  const fresh = `${file}.${crypto.randomUUID()}.new`;
  try {
    const handle = await fs.open(fresh, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(fresh, file);
  } catch (error) {
    await fs.rm(fresh, {force: true});
    throw error;
  }
}

/**
 * Creates a folder that only its owner can read (mode 0700), and its missing parents. Leaves an existing folder unchanged.
 * Rejects with the system's error. Does not use `mkdir` with `recursive`, which never returns if the system reports ENOENT
 * although the parent exists, as in /proc.
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  if (await made(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder && !(await isFolder(parent))) await makePrivateFolder(parent);
  await fs.mkdir(folder, {mode: 0o700}).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error; // otherwise, another process has just created it
  });
}

/** Creates one folder. Returns false if its parent is missing. */
async function made(folder: string): Promise<boolean> {
  try {
    await fs.mkdir(folder, {mode: 0o700});
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    if (await isFolder(folder)) return true; // for EEXIST; existing folders can also give EROFS or EACCES
    throw error;
  }
}

const isFolder = async (name: string): Promise<boolean> =>
  await fs.stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
