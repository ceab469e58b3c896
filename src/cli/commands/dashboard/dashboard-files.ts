import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCodeOrText} from '../../../base/error-details.js';
import {OutputError} from '../../../base/errors.js';
import {writePrivateFile} from '../../../base/files/private-files.js';

/** Writes the text to `$XDG_STATE_HOME/gatectl/dashboard/copied.txt`, and resolves with its path. */
export async function saveCopy(stateFolder: string, text: string): Promise<string> {
  const file = path.join(stateFolder, 'dashboard', 'copied.txt');
  await writePrivateFile(file, text);
  return file;
}

/** Writes a file that did not exist, readable by its owner alone, and resolves with its absolute path. */
export async function writeNewFile(name: string, text: string): Promise<string> {
  const file = path.resolve(name.trim());
  try {
    await fs.writeFile(file, text, {flag: 'wx', mode: 0o600});
  } catch (cause) {
    const code = errorCodeOrText(cause);
    const why = code === 'EEXIST' ? 'it exists, choose another name' : code;
    throw new OutputError(`cannot write "${file}": ${why}`, {cause});
  }
  return file;
}
