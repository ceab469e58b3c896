import {promises as fs} from 'node:fs';
import path from 'node:path';

/**
 * Writes a file that only its owner can read (0600, folders 0700), whole or not at all: a reader, or a crash in
 * the middle, finds the old version or the new one.
 */
export async function writePrivateFile(file: string, text: string): Promise<void> {
  await fs.mkdir(path.dirname(file), {recursive: true, mode: 0o700});
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
