import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCode, errorCodeOrText} from '../../../base/error-details.js';
import {UsageError} from '../../../base/errors.js';
import {readBoundedFile} from '../../../base/files/bounded-file.js';
import {type GoModFile, mqantModulePath, parseGoMod} from './go-mod-file.js';

/** A Go module on disk that requires mqant. */
export interface GoModule extends GoModFile {
  readonly folder: string;
  /** Path of go.mod. */
  readonly file: string;
  readonly text: string;
  readonly mqantVersion: string;
}

/** Reads the Go module in a folder. Rejects with UsageError if there is none, or if it does not require mqant. */
export async function readGoModule(folder: string): Promise<GoModule> {
  const file = path.join(folder, 'go.mod');
  const text = await readText(folder, file);
  const parsed = parseGoMod(text);
  if (parsed === undefined) throw new UsageError(`invalid "${file}": expected a line "module <path>"`);
  const mqantVersion = parsed.requires.get(mqantModulePath);
  if (mqantVersion === undefined)
    throw new UsageError(`"${file}" does not require ${mqantModulePath}`, forkHint(parsed));
  return {...parsed, folder, file, text, mqantVersion};
}

async function readText(folder: string, file: string): Promise<string> {
  try {
    return (await readBoundedFile(file)).toString('utf8');
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT')
      throw new UsageError(`cannot read "${file}": ${errorCodeOrText(cause)}`, {cause});
    const module = await nearbyModule(folder);
    throw new UsageError(`no go.mod in "${folder}": expected the root of a Go module`, {
      hint:
        module === undefined ? 'without modules yet: go mod init <path>' : `gatectl addon install ${module}`,
    });
  }
}

/** Returns the first folder with a go.mod: subfolders first, then parent folders. */
async function nearbyModule(folder: string): Promise<string | undefined> {
  const below = await fs.readdir(folder, {withFileTypes: true}).catch(() => []);
  const above = path.resolve(folder).split(path.sep).length - 1;
  const candidates = [
    ...below.filter((entry) => entry.isDirectory()).map(({name}) => path.join(folder, name)),
    ...Array.from({length: above}, (_, level) => path.join(folder, ...Array(level + 1).fill('..'))),
  ];
  for (const candidate of candidates) {
    const found = await fs.access(path.join(candidate, 'go.mod')).then(
      () => true,
      () => false,
    );
    if (found) return candidate;
  }
  return undefined;
}

function forkHint({requires}: GoModFile): {readonly hint: string} {
  const fork = [...requires.keys()].find((name) => /\/\w*mqant$|\/river$/.test(name));
  const other = fork === undefined ? '' : `, not those of the fork "${fork}"`;
  return {hint: `the add-on imports the packages of ${mqantModulePath}${other}`};
}
