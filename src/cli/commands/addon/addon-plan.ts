import path from 'node:path';
import {ConflictError} from '../../../base/errors.js';
import {version} from '../../../base/version.js';
import {addRequirement, natsModulePath, natsVersionForMqant, removeRequirement} from './go-mod-file.js';
import type {GoModule} from './go-module.js';
import {
  type AddonManifest,
  editedAddonFiles,
  foreignGoFiles,
  type InstalledAddon,
  sha256,
} from './installed-addon.js';
import type {OtherNatsUses} from './module-sources.js';
import type {FileReplacement} from './replace-package.js';

type FileState = 'written' | 'replaced' | 'removed' | 'same' | 'changed' | 'outdated' | 'missing' | 'added';

/** Planned or completed change of one file. */
export interface AddonFileChange {
  readonly file: string;
  readonly state: FileState;
}

/** A package of a Go module that holds the add-on, or will. */
export interface AddonPackage {
  readonly module: GoModule;
  /** Path from the module, with slashes. */
  readonly name: string;
  readonly shipped: ReadonlyMap<string, string>;
  readonly installed: InstalledAddon | undefined;
  /** Uses of nats.go in the rest of the module. */
  readonly others: OtherNatsUses;
}

export const packageFolder = ({module, name}: AddonPackage): string => path.join(module.folder, name);

interface InstallPlan {
  readonly rows: readonly AddonFileChange[];
  readonly manifest: AddonManifest;
  readonly goMod: FileReplacement | undefined;
  /** Entries of the folder that are not gatectl's, and stay. */
  readonly kept: readonly string[];
}

/** Plans an installation or upgrade. Throws ConflictError if it would overwrite files that gatectl did not write. */
export function planAddonInstall(target: AddonPackage, madeFolders: readonly string[]): InstallPlan {
  const {module, name, shipped, installed, others} = target;
  const before = installed?.manifest;
  if (installed !== undefined) refuseConflicts(target, installed);
  const files = Object.fromEntries([...shipped].map(([file, text]) => [file, sha256(text)]));
  const rows: AddonFileChange[] = [...shipped].map(([file, text]) => {
    const now = installed?.files.get(file);
    const state = now === undefined ? 'written' : now === text ? 'same' : 'replaced';
    return {file: `${name}/${file}`, state};
  });
  for (const file of Object.keys(before?.files ?? {}))
    if (!shipped.has(file) && installed?.files.has(file))
      rows.push({file: `${name}/${file}`, state: 'removed'});
  const missing = module.requires.has(natsModulePath)
    ? undefined
    : `${natsModulePath} ${natsVersionForMqant(module.mqantVersion)}`;
  if (missing !== undefined) rows.push({file: 'go.mod', state: 'replaced'});
  return {
    rows,
    manifest: {
      gatectl: version,
      files,
      requirement: missing ?? before?.requirement ?? others.requirement,
      madeFolders: before?.madeFolders ?? madeFolders,
    },
    goMod:
      missing === undefined ? undefined : {file: module.file, text: addRequirement(module.text, missing)},
    kept: [
      ...(installed?.others ?? []),
      ...(installed === undefined ? [] : foreignGoFiles(installed)).filter((file) => !shipped.has(file)),
    ],
  };
}

function refuseConflicts(target: AddonPackage, installed: InstalledAddon): void {
  const {name, shipped} = target;
  const edited = editedAddonFiles(installed).filter(
    (file) => installed.files.get(file) !== shipped.get(file),
  );
  if (edited.length > 0) throw editedError(target, edited, 'replaced');
  const foreign = foreignGoFiles(installed);
  const taken = foreign.filter(
    (file) => shipped.has(file) && installed.files.get(file) !== shipped.get(file),
  );
  const strange = installed.manifest === undefined ? foreign.filter((file) => !shipped.has(file)) : [];
  const inTheWay = [...taken, ...strange];
  if (inTheWay.length === 0) return;
  throw new ConflictError(
    `cannot install into "${name}": gatectl did not write ${listed(inTheWay)}; nothing was changed`,
    {hint: `choose another folder: --package internal/gatectl, or move those files away`},
  );
}

/** Plans a removal. Returns go.mod without the requirement that the installation added; undefined if go.mod stays as it is. */
export function planAddonRemoval(target: AddonPackage, manifest: AddonManifest): FileReplacement | undefined {
  const {module, installed, others} = target;
  const edited = installed === undefined ? [] : editedAddonFiles(installed);
  if (edited.length > 0) throw editedError(target, edited, 'removed');
  if (manifest.requirement === undefined || others.importer !== undefined) return undefined;
  const text = removeRequirement(module.text, manifest.requirement);
  return text === undefined ? undefined : {file: module.file, text};
}

function editedError({name}: AddonPackage, files: readonly string[], verb: string): ConflictError {
  return new ConflictError(
    `${listed(files)} in "${name}" changed after the installation; nothing was ${verb}`,
    {hint: 'move your changes out of these files or delete them, then run this again'},
  );
}

/** Compares the installed files with those shipped in this version of gatectl. */
export function compareAddonFiles({name, shipped, installed}: AddonPackage): readonly AddonFileChange[] {
  const files = installed?.files ?? new Map<string, string>();
  const written = installed?.manifest?.files ?? {};
  const names = [...new Set([...shipped.keys(), ...Object.keys(written)])].sort();
  return names.map((file) => ({
    file: `${name}/${file}`,
    state: stateOf(files.get(file), shipped.get(file), written[file]),
  }));
}

function stateOf(now: string | undefined, shipped: string | undefined, hash: string | undefined): FileState {
  if (now === undefined) return shipped !== undefined && hash === undefined ? 'added' : 'missing';
  if (now === shipped) return 'same';
  return sha256(now) === hash ? 'outdated' : 'changed';
}

const listed = (files: readonly string[]): string =>
  files.length <= 8 ? files.join(', ') : `${files.slice(0, 8).join(', ')} and ${files.length - 8} more`;
