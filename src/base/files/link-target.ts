import {readlink, stat} from 'node:fs/promises';
import path from 'node:path';

/** Limit on symbolic links in one path, as in Linux. */
const maxLinks = 40;

/**
 * Follows symbolic links to the final path, which need not exist. Replacing the file at that path by a rename keeps the links,
 * and never crosses file systems. Rejects with code ELOOP after 40 links.
 */
export async function resolveLinkTarget(file: string): Promise<string> {
  let target = file;
  for (let links = 0; links < maxLinks; links += 1) {
    const next = await readlink(target).catch(() => undefined); // not a link, or missing
    if (next === undefined) return target;
    target = path.resolve(path.dirname(target), next);
  }
  throw Object.assign(new Error(`too many symbolic links at "${file}"`), {code: 'ELOOP'});
}

/** Whether a path is a device, pipe or folder. Devices and pipes must be written to, not replaced by a rename. */
export async function isSpecialFile(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );
}
