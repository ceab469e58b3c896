import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCode, errorCodeOrText} from '../../../base/error-details.js';
import {OutputError} from '../../../base/errors.js';
import {resolveLinkTarget} from '../../../base/files/link-target.js';

/** A file to replace, with its new content. */
export interface FileReplacement {
  readonly file: string;
  readonly text: string;
}

/**
 * Replaces the contents of a folder, and optionally one other file, all or nothing. Entries listed in `kept` stay in the
 * folder. Rejects with OutputError after restoring everything.
 */
export async function replacePackage(
  folder: string,
  files: ReadonlyMap<string, string>,
  kept: readonly string[],
  other: FileReplacement | undefined,
): Promise<void> {
  const fresh = path.join(path.dirname(folder), `.${path.basename(folder)}.${crypto.randomUUID()}`);
  const old = `${fresh}.old`;
  const undo: (() => Promise<void>)[] = [];
  try {
    const made = await fs.mkdir(path.dirname(folder), {recursive: true});
    if (made !== undefined) undo.push(() => removeEmptyFolders(path.dirname(folder), path.dirname(made)));
    undo.push(() => fs.rm(fresh, {recursive: true, force: true}));
    await fs.mkdir(fresh);
    for (const [name, text] of files) await fs.writeFile(path.join(fresh, name), text);
    const commit = other === undefined ? undefined : await prepare(other, undo);
    const hadFolder = await moved(folder, old);
    if (hadFolder) undo.push(() => fs.rename(old, folder));
    await fs.rename(fresh, folder);
    undo.push(() => fs.rename(folder, fresh));
    for (const name of kept) {
      await fs.rename(path.join(old, name), path.join(folder, name));
      undo.push(() => fs.rename(path.join(folder, name), path.join(old, name)));
    }
    await commit?.();
    await fs.rm(old, {recursive: true, force: true});
  } catch (cause) {
    for (const step of undo.reverse()) await step().catch(() => {});
    throw new OutputError(`cannot write "${folder}": ${errorCodeOrText(cause)}`, {cause});
  }
}

/** Replaces one file. Rejects with OutputError and leaves the file unchanged on failure. */
export async function replaceFile(other: FileReplacement): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    await (await prepare(other, undo))();
  } catch (cause) {
    for (const step of undo) await step().catch(() => {});
    throw new OutputError(`cannot write "${other.file}": ${errorCodeOrText(cause)}`, {cause});
  }
}

/** Writes a temporary file beside the target. Returns the rename that replaces it; the mode and a link to it are kept. */
async function prepare(
  {file, text}: FileReplacement,
  undo: (() => Promise<void>)[],
): Promise<() => Promise<void>> {
  const target = await resolveLinkTarget(file);
  const fresh = `${target}.${crypto.randomUUID()}.new`;
  undo.push(() => fs.rm(fresh, {force: true}));
  const {mode} = await fs.stat(target);
  await writeFlushed(fresh, text);
  await fs.chmod(fresh, mode); // regardless of the umask
  return () => fs.rename(fresh, target);
}

async function writeFlushed(file: string, text: string): Promise<void> {
  const handle = await fs.open(file, 'wx');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a file or folder. Returns false if it does not exist. */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await fs.rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Removes a folder and its parents below `stop`, up to the first that is not empty. */
export async function removeEmptyFolders(folder: string, stop: string): Promise<void> {
  for (let at = folder; at.startsWith(`${stop}${path.sep}`); at = path.dirname(at)) {
    const removed = await fs.rmdir(at).then(
      () => true,
      () => false, // not empty
    );
    if (!removed) return;
  }
}
