import {constants, promises as fs} from 'node:fs';
import path from 'node:path';
import {ExitCode} from '../../../base/errors.js';
import {type Finding, okFinding} from './finding.js';

/** Whether writes could be journaled: without it there are none. Nothing is written to find out. */
export async function journalFindings(file: string): Promise<readonly Finding[]> {
  if (!path.isAbsolute(file)) return [];
  const fault = await whyNotWritable(file);
  if (fault === undefined) return [okFinding('journal', file, 'can be written')];
  const next = 'what is not journaled is not done; GATECTL_JOURNAL names another file';
  const exitCode = ExitCode.outputFailed;
  return [{check: 'journal', subject: file, state: 'fail', detail: fault, next, exitCode}];
}

/** The file itself, or the nearest folder above it that is there and would take it. */
async function whyNotWritable(file: string): Promise<string | undefined> {
  for (let at = file; ; at = path.dirname(at)) {
    try {
      await fs.access(at, constants.W_OK);
      const isFolder = (await fs.stat(at)).isDirectory();
      if (isFolder === (at === file)) return `"${at}" is ${isFolder ? 'a folder' : 'no folder'}`;
      return undefined;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      if (code !== 'ENOENT' || at === path.dirname(at)) return `"${at}" cannot be written: ${code}`;
    }
  }
}
