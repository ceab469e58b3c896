import {promises as fs} from 'node:fs';
import path from 'node:path';
import {OutputError} from './errors.js';
import {isSpecialFile, linkTarget} from './link-target.js';

/**
 * Writes a file that only its owner can read (0600, folders 0700), whole or not at all: a reader, or a crash in
 * the middle, finds the old version or the new one. A symbolic link stays one, and its target is written. Rejects with OutputError.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  try {
    await writeWhole(file, text);
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new OutputError(`cannot write "${file}": ${why}`, {cause});
  }
}

async function writeWhole(name: string, text: string): Promise<void> {
  const file = await linkTarget(name);
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
 * Makes a folder that only its owner may look into (0700), and those above it that are missing. One that is there stays as
 * it is. Rejects with the system's error. Node's own recursive mkdir never ends where the system says ENOENT though the
 * parent is there, as it does in /proc.
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  if (await made(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder && !(await isFolder(parent))) await makePrivateFolder(parent);
  await fs.mkdir(folder, {mode: 0o700}).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error; // another process may have made it meanwhile
  });
}

/** False where a folder above it is missing, or is said to be. */
async function made(folder: string): Promise<boolean> {
  try {
    await fs.mkdir(folder, {mode: 0o700});
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return false;
    if (await isFolder(folder)) return true; // EEXIST, or EROFS and EACCES above it
    throw error;
  }
}

const isFolder = async (name: string): Promise<boolean> =>
  await fs.stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
