import {constants, promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCodeOrText} from '../../../base/error-details.js';
import {ExitCode} from '../../../base/errors.js';
import {type Finding, okFinding} from './finding.js';

/** Checks that the journal is writable, without writing to it. Without a journal, no write is permitted. */
export async function journalFindings(file: string): Promise<readonly Finding[]> {
  if (!path.isAbsolute(file)) return [];
  const fault = await whyNotWritable(file);
  if (fault === undefined) return [okFinding('journal', file, 'writable')];
  const next = 'writes need a journal: make the file writable, or set GATECTL_JOURNAL';
  const exitCode = ExitCode.outputFailed;
  return [{check: 'journal', subject: file, state: 'fail', detail: fault, next, exitCode}];
}

/** Checks the file, or its nearest existing parent folder. */
async function whyNotWritable(file: string): Promise<string | undefined> {
  for (let at = file; ; at = path.dirname(at)) {
    try {
      await fs.access(at, constants.W_OK);
      const isFolder = (await fs.stat(at)).isDirectory();
      if (isFolder === (at === file)) return `"${at}" is ${isFolder ? 'a folder' : 'not a folder'}`;
      return undefined;
    } catch (error) {
      const code = errorCodeOrText(error);
      if (code !== 'ENOENT' || at === path.dirname(at)) return `cannot write "${at}": ${code}`;
    }
  }
}
