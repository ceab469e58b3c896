import {mkdir, stat} from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder that only its owner may look into (0700), and those above it that are missing. One that is there stays as
 * it is. Rejects with the system's error. Node's own recursive mkdir never ends where the system says ENOENT though the
 * parent is there, as it does in /proc.
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  if (await made(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder && !(await isFolder(parent))) await makePrivateFolder(parent);
  await mkdir(folder, {mode: 0o700}).catch(async (error: unknown) => {
    if (!(await isFolder(folder))) throw error; // another process may have made it meanwhile
  });
}

/** False where a folder above it is missing, or is said to be. */
async function made(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, {mode: 0o700});
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return false;
    if (await isFolder(folder)) return true; // EEXIST, or EROFS and EACCES above it
    throw error;
  }
}

const isFolder = async (name: string): Promise<boolean> =>
  await stat(name).then(
    (found) => found.isDirectory(),
    () => false,
  );
