import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCodeOrText} from '../../../base/error-details.js';
import {OutputError} from '../../../base/errors.js';
import {writePrivateFile} from '../../../base/files/private-files.js';

/** Writes the text to `$XDG_STATE_HOME/gatectl/dashboard/copied.txt`. Returns the path. */
export async function saveCopiedText(stateFolder: string, text: string): Promise<string> {
  const file = path.join(stateFolder, 'dashboard', 'copied.txt');
  await writePrivateFile(file, text);
  return file;
}

/** Creates a file with mode 0600. Returns its absolute path. Rejects with OutputError if the file exists. */
export async function writeNewFile(name: string, text: string): Promise<string> {
  const file = path.resolve(name.trim());
  try {
    await fs.writeFile(file, text, {flag: 'wx', mode: 0o600});
  } catch (cause) {
    const code = errorCodeOrText(cause);
    const why = code === 'EEXIST' ? 'file exists, choose another name' : code;
    throw new OutputError(`cannot write "${file}": ${why}`, {cause});
  }
  return file;
}
