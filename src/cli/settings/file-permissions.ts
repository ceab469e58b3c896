import {promises as fs} from 'node:fs';
import type {TextSink} from '../../output/terminal/io.js';
import {safeText} from '../../output/text/safe-text.js';
import type {Setting} from './layers.js';

/** Warns about secret files that other users can read. A missing file is reported later, when it is read. */
export async function warnOfReadableSecrets(
  files: readonly (Setting<string> | undefined)[],
  err: TextSink,
): Promise<void> {
  for (const file of files) {
    if (file === undefined || file.value === '-') continue;
    const mode = await fs.stat(file.value).then(
      (stat) => (stat.isFile() ? stat.mode & 0o777 : 0),
      () => 0,
    );
    if ((mode & 0o044) === 0) continue;
    const shown = `0${mode.toString(8)}`;
    const line = `others can read "${file.value}" (${file.source}, mode ${shown}); close it: chmod 600`;
    await err.write(`warning: ${safeText(line)}\n`);
  }
}
