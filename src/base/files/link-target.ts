import {readlink, stat} from 'node:fs/promises';
import path from 'node:path';

/** Linux's limit for one path. */
const maxLinks = 40;

/**
 * Follows symbolic links to the final path, which need not exist. Replacing a file by a rename at this path keeps the link
 * and never crosses file systems. Rejects with code ELOOP beyond 40 links.
 */
export async function linkTarget(file: string): Promise<string> {
  let target = file;
  for (let links = 0; links < maxLinks; links += 1) {
    const next = await readlink(target).catch(() => undefined); // no link, or not there
    if (next === undefined) return target;
    target = path.resolve(path.dirname(target), next);
  }
  throw Object.assign(new Error(`too many symbolic links at "${file}"`), {code: 'ELOOP'});
}

/** Reports whether a path is a device, pipe or folder. Devices and pipes are written to, never replaced by a rename. */
export async function isSpecialFile(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );
}
