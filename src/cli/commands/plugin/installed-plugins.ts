import {readdir} from 'node:fs';
import path from 'node:path';
import {settlesWithinMs} from '../../../base/abort-signals.js';
import type {Environment} from '../../settings/settings-layers.js';
import {
  type CommandTest,
  isBuiltInWord,
  isExecutableFile,
  isPluginWord,
  pathFolders,
  pluginPrefix,
  programExtension,
} from './find-plugin.js';

/** A file on PATH whose name is that of a plugin. */
export interface InstalledPlugin {
  /** Words that run it: `foo bar` for `gatectl-foo-bar`. */
  readonly name: string;
  readonly file: string;
  readonly executable: boolean;
  /** Built-in command, or file earlier on PATH, that runs instead. */
  readonly shadowedBy: string | undefined;
}

interface PluginSearch {
  readonly env: Environment;
  readonly platform: string;
  readonly isCommand: CommandTest;
}

/** Lists the plugins on PATH in search order, including those that never run. */
export async function listPlugins({
  env,
  platform,
  isCommand,
}: PluginSearch): Promise<readonly InstalledPlugin[]> {
  const found: InstalledPlugin[] = [];
  for (const folder of pathFolders(env))
    for (const entry of await pluginFiles(folder, platform)) {
      const file = path.join(folder, entry);
      const name = nameOf(entry, platform);
      const earlier = found.find(
        (one) => one.name === name && one.executable && one.shadowedBy === undefined,
      );
      const [first = ''] = name.split(' ');
      const shadowedBy = isBuiltInWord(first, isCommand) ? `gatectl ${first}` : earlier?.file;
      found.push({name, file, executable: await isExecutableFile(file), shadowedBy});
    }
  return found;
}

/** Returns the names of plugins that can run; empty if reading PATH takes longer than `timeoutMs`. */
export async function listPluginNames(search: PluginSearch, timeoutMs: number): Promise<readonly string[]> {
  let plugins: readonly InstalledPlugin[] = [];
  const listing = listPlugins(search).then((listed) => {
    plugins = listed;
  });
  await settlesWithinMs(timeoutMs, listing);
  return plugins.filter((one) => one.executable && one.shadowedBy === undefined).map(({name}) => name);
}

/** Converts a file name to the words that run it. In a file name, `_` stands for a dash within a word. */
const nameOf = (entry: string, platform: string): string =>
  entry
    .slice(pluginPrefix.length, entry.length - programExtension(platform).length)
    .split('-')
    .map((word) => word.replaceAll('_', '-'))
    .join(' ');

/** Returns the plugin file names in a folder, sorted; empty if it cannot be read, as is common for folders of PATH. */
async function pluginFiles(folder: string, platform: string): Promise<readonly string[]> {
  const isPlugin = (entry: string): boolean =>
    entry.startsWith(pluginPrefix) &&
    entry.endsWith(programExtension(platform)) &&
    nameOf(entry, platform).split(' ').every(isPluginWord);
  // the callback form, so that --help does not load fs/promises
  const entries = await new Promise<readonly string[]>((resolve) =>
    readdir(folder, (_, found = []) => resolve(found)),
  );
  return entries.filter(isPlugin).sort();
}
