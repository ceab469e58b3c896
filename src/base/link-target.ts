import {readlink, stat} from 'node:fs/promises';
import path from 'node:path';

/** As the kernel's limit for a path. */
const mostLinks = 40;

/**
 * The file that a name stands for once its symbolic links are followed, also where that file is not there yet. A file that is
 * replaced by a rename is replaced there, so that the link stays and no file system is crossed.
 */
export async function linkTarget(file: string): Promise<string> {
  let target = file;
  for (let links = 0; links < mostLinks; links += 1) {
    const next = await readlink(target).catch(() => undefined); // no link, or not there
    if (next === undefined) return target;
    target = path.resolve(path.dirname(target), next);
  }
  throw Object.assign(new Error(`too many symbolic links at "${file}"`), {code: 'ELOOP'});
}

/** Whether something other than a regular file stands there: a device or a pipe is written to, never replaced. */
export async function isSpecialFile(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => !found.isFile(),
    () => false,
  );
}
