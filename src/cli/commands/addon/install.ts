import {promises as fs} from 'node:fs';
import path from 'node:path';
import {errorCodeOrText} from '../../../base/error-details.js';
import {type ExitCode, NegativeError, OutputError, UsageError} from '../../../base/errors.js';
import {version} from '../../../base/version.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import type {CommandContext} from '../../command-context.js';
import {notice} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {
  type AddonFileChange,
  type AddonPackage,
  compareAddonFiles,
  packageFolder,
  planAddonInstall,
  planAddonRemoval,
} from './addon-plan.js';
import {isGoVersionAtLeast} from './go-mod-file.js';
import {readGoModule} from './go-module.js';
import {
  type AddonManifest,
  addonManifestName,
  type InstalledAddon,
  readInstalledAddon,
} from './installed-addon.js';
import {findGatesInSource, findOtherNatsUses} from './module-sources.js';
import {checkPackageFolder, defaultPackagePath, parsePackagePath} from './package-folder.js';
import {removeEmptyFolders, replaceFile, replacePackage} from './replace-package.js';
import {readShippedAddon} from './shipped-addon.js';

interface AddonInput {
  readonly folder: string;
  readonly package: string;
  readonly check?: boolean | undefined;
  readonly remove?: boolean | undefined;
  readonly dryRun?: boolean | undefined;
}

export const addonInstall: Verb<AddonInput> = {
  examples: [
    'gatectl addon install ~/mqantserver',
    'gatectl addon install . --package server/gatectladdon --dry-run',
    'gatectl addon install . --check',
  ],
  declare: (command) =>
    command
      .argument('<folder>', 'root folder of your Go module')
      .option('--package <path>', 'package folder in the module', parsePackagePath, defaultPackagePath)
      .option('--check', 'compare the installed files with those of this gatectl version')
      .option('--remove', 'remove the installed add-on')
      .option('--dry-run', 'show what would change; write nothing'),
  run: async (context, input) => {
    if (input.check && input.remove)
      throw new UsageError('cannot combine --check and --remove', {hint: 'pass one of them'});
    const target = await readTarget(context, input);
    if (input.check) return await check(context, target);
    if (input.remove) return await remove(context, target, input.dryRun ?? false);
    return await install(context, target, input.dryRun ?? false);
  },
};

async function readTarget(
  {deps}: CommandContext,
  {folder, package: name}: AddonInput,
): Promise<AddonPackage> {
  const module = await readGoModule(folder);
  await checkPackageFolder(folder, name);
  const shipped = await readShippedAddon(deps.program[1] ?? '');
  const installed = await readInstalledAddon(path.join(folder, name));
  return {module, name, shipped, installed, others: await findOtherNatsUses(folder, name)};
}

async function install(context: CommandContext, target: AddonPackage, isDry: boolean): Promise<ExitCode> {
  const {module, name, installed} = target;
  const plan = planAddonInstall(target, await foldersToMake(target));
  const manifest = `${JSON.stringify(plan.manifest, undefined, 2)}\n`;
  const isSame = plan.rows.every(({state}) => state === 'same') && installed?.manifest?.gatectl === version;
  if (!isDry && !isSame) {
    const files = new Map([...target.shipped, [addonManifestName, manifest]]);
    await replacePackage(packageFolder(target), files, plan.kept, plan.goMod);
  }
  const code = await show(context, target, plan.rows);
  await notice(context, isDry ? 'dry run: nothing was written' : installedText(name, isSame));
  if (!isGoVersionAtLeast(module.mqantVersion, [1, 2, 0]))
    await notice(context, `mqant ${module.mqantVersion} is older than v1.2.0, the oldest tested version`);
  await noticeNextStep(context, target);
  return code;
}

const installedText = (name: string, isSame: boolean): string =>
  isSame ? `add-on ${version} is already in ${name}` : `installed add-on ${version} in ${name}`;

/** Prints the Go lines that attach the add-on, and where to put them. */
async function noticeNextStep(context: CommandContext, {module, name}: AddonPackage): Promise<void> {
  const gates = await findGatesInSource(module.folder);
  const [gate] = gates.filter(({isAttached}) => !isAttached);
  if (gates.length > 0 && gate === undefined) return;
  const where = gate === undefined ? "your gate's OnInit" : `the OnInit at ${gate.file}:${gate.line}`;
  await notice(context, `next: import gatectladdon "${module.module}/${name}"`);
  await notice(context, `then end ${where} with: gatectladdon.Attach(&${gate?.receiver ?? 'this'}.Gate)`);
}

async function check(context: CommandContext, target: AddonPackage): Promise<ExitCode> {
  const {manifest} = installedOf(target);
  const rows = compareAddonFiles(target);
  const code = await show(context, target, rows);
  const differences = rows.filter(({state}) => state !== 'same').length;
  const gates = await findGatesInSource(target.module.folder);
  for (const {file, line, isAttached} of gates)
    await notice(
      context,
      `${file}:${line}: this gate ${isAttached ? 'attaches' : 'does not attach'} the add-on`,
    );
  if (differences === 0) return code;
  const from = manifest.gatectl === version ? '' : `, installed by gatectl ${manifest.gatectl}`;
  throw new NegativeError(
    `${differences} of ${rows.length} files in "${target.name}" differ from add-on ${version}${from}`,
    {hint: `to upgrade files that you did not change: ${commandFor(target)}`},
  );
}

async function remove(context: CommandContext, target: AddonPackage, isDry: boolean): Promise<ExitCode> {
  const {module, installed} = target;
  const {manifest, files} = installedOf(target);
  const goMod = planAddonRemoval(target, manifest);
  const written = Object.keys(manifest.files).filter((file) => files.has(file));
  const rows: AddonFileChange[] = written.map((file) => ({file: `${target.name}/${file}`, state: 'removed'}));
  if (goMod !== undefined) rows.push({file: 'go.mod', state: 'replaced'});
  if (!isDry) {
    await removeFiles(packageFolder(target), [...written, addonManifestName]);
    const outermost = manifest.madeFolders[0];
    const stop =
      outermost === undefined
        ? path.dirname(packageFolder(target))
        : path.dirname(path.join(module.folder, outermost));
    await removeEmptyFolders(packageFolder(target), stop);
    if (goMod !== undefined) await replaceFile(goMod);
  }
  const code = await show(context, target, rows);
  await notice(context, isDry ? 'dry run: nothing was removed' : `removed the add-on from ${target.name}`);
  const gates = await findGatesInSource(module.folder);
  for (const {file} of gates.filter(({isAttached}) => isAttached))
    await notice(context, `next: remove the gatectladdon import and the Attach call from ${file}`);
  if (installed !== undefined && installed.others.length > 0)
    await notice(context, `kept files that gatectl did not write: ${installed.others.join(', ')}`);
  if (manifest.requirement !== undefined && target.others.importer !== undefined)
    await notice(context, `kept "${manifest.requirement}" in go.mod: ${target.others.importer} imports it`);
  return code;
}

async function removeFiles(folder: string, names: readonly string[]): Promise<void> {
  try {
    for (const name of names) await fs.rm(path.join(folder, name), {force: true});
  } catch (cause) {
    throw new OutputError(`cannot remove files in "${folder}": ${errorCodeOrText(cause)}`, {cause});
  }
}

function installedOf(target: AddonPackage): InstalledAddon & {readonly manifest: AddonManifest} {
  const {installed, name, module} = target;
  if (installed?.manifest !== undefined) return {...installed, manifest: installed.manifest};
  throw new NegativeError(`no add-on in package "${name}" of module "${module.folder}"`, {
    hint: commandFor(target),
  });
}

const commandFor = ({module, name}: AddonPackage): string =>
  `gatectl addon install ${module.folder}${name === defaultPackagePath ? '' : ` --package ${name}`}`;

/** Returns the folders of the package path that do not exist yet, outermost first. */
async function foldersToMake({module, name}: AddonPackage): Promise<readonly string[]> {
  const words = name.split('/');
  const paths = words.map((_, at) => words.slice(0, at + 1).join('/'));
  const missing: string[] = [];
  for (const folder of paths)
    if (!(await fs.stat(path.join(module.folder, folder)).catch(() => undefined))) missing.push(folder);
  return missing;
}

const show = (
  context: CommandContext,
  target: AddonPackage,
  rows: readonly AddonFileChange[],
): Promise<ExitCode> =>
  showRows(context, filePresenter, rows, {
    package: `${target.module.module}/${target.name}`,
    addon: version,
    installed: target.installed?.manifest?.gatectl ?? null,
    mqant: target.module.mqantVersion,
  });

const filePresenter: Presenter<AddonFileChange> = {
  columns: [
    {header: 'FILE', cell: ({file}) => file},
    {header: 'STATE', cell: ({state}) => state},
  ],
  record: (row) => ({...row}),
  id: ({file}) => file,
};
