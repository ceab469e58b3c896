import {createHash} from 'node:crypto';
import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCode, errorCodeOrText} from '../../../base/error-details.js';
import {UsageError} from '../../../base/errors.js';
import {readBoundedFile} from '../../../base/files/bounded-file.js';

/** File that lists everything gatectl wrote, so that an upgrade or removal never touches other files. */
export const addonManifestName = 'gatectl-addon.json';

export interface AddonManifest {
  /** Version of gatectl that wrote the files. */
  readonly gatectl: string;
  /** SHA-256 of each file, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** The requirement that the installation added to go.mod; absent if go.mod already had one. */
  readonly requirement?: string | undefined;
  /** Folders created for the package, outermost first, relative to the module. */
  readonly madeFolders: readonly string[];
}

/** Current contents of a package folder. */
export interface InstalledAddon {
  readonly manifest: AddonManifest | undefined;
  /** Contents of all Go files, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** Names of all other entries, except the manifest. */
  readonly others: readonly string[];
}

/** Reads a package folder; undefined if it does not exist. Rejects with UsageError if it can't be read. */
export async function readInstalledAddon(folder: string): Promise<InstalledAddon | undefined> {
  try {
    if (!(await fs.lstat(folder)).isDirectory()) throw new UsageError(`"${folder}" is not a folder`);
    const names = (await fs.readdir(folder)).sort();
    const sources = names.filter((name) => name.endsWith('.go'));
    const read = async (name: string): Promise<[string, string]> => [
      name,
      (await readBoundedFile(path.join(folder, name))).toString('utf8'),
    ];
    return {
      manifest: names.includes(addonManifestName)
        ? await readAddonManifest(path.join(folder, addonManifestName))
        : undefined,
      files: new Map(await Promise.all(sources.map(read))),
      others: names.filter((name) => name !== addonManifestName && !sources.includes(name)),
    };
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`cannot read "${folder}": ${errorCodeOrText(cause)}`, {cause});
  }
}

/** Reads a manifest. Rejects with UsageError if gatectl did not write the file. */
export async function readAddonManifest(file: string): Promise<AddonManifest> {
  const text = (await readBoundedFile(file)).toString('utf8');
  try {
    const manifest = JSON.parse(text) as AddonManifest;
    const names = Object.entries(manifest.files);
    const areFiles = names.every(([name, hash]) => /^\w+\.go$/.test(name) && typeof hash === 'string');
    const areFolders = manifest.madeFolders.every((name) => typeof name === 'string' && isInside(name));
    if (areFiles && areFolders && typeof manifest.gatectl === 'string') return manifest;
  } catch {} // reported below
  throw new UsageError(`invalid "${file}": expected a file written by gatectl addon install`, {
    hint: `move "${path.dirname(file)}" away and install again`,
  });
}

const isInside = (name: string): boolean => !path.isAbsolute(name) && !name.split(/[\\/]/).includes('..');

/** Returns the names of files that changed after gatectl wrote them. */
export function editedAddonFiles({manifest, files}: InstalledAddon): readonly string[] {
  return Object.entries(manifest?.files ?? {}).flatMap(([name, hash]) => {
    const text = files.get(name);
    return text === undefined || sha256(text) === hash ? [] : [name];
  });
}

/** Returns the names of Go files that gatectl did not write. */
export function foreignGoFiles({manifest, files}: InstalledAddon): readonly string[] {
  return [...files.keys()].filter((name) => manifest?.files[name] === undefined);
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
