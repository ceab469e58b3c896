import {promises as fs} from 'node:fs';
import path from 'node:path';
import {OutputError} from '../../base/errors.js';
import {isSpecialFile, linkTarget} from '../../base/link-target.js';
import {makePrivateFolder} from '../../base/private-folder.js';

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
