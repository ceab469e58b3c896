import {access, constants, stat} from 'node:fs';
import path from 'node:path';
import {commandAliases, commandNouns} from '../../command-identity.js';
import type {Environment} from '../../settings/settings-layers.js';

/** File name prefix of plugins: `gatectl-foo` is run as `gatectl foo`. */
export const pluginPrefix = 'gatectl-';

/** Maximum number of PATH folders that are searched. */
const maxFolders = 100;

interface FoundPlugin {
  readonly file: string;
  /** Number of words that form the plugin's name. */
  readonly words: number;
}

/** Built-in first words that are not in the command catalogue. */
const otherWords: ReadonlySet<string> = new Set(['help', 'version', '__complete', '__man']);

/** Whether a first word belongs to gatectl itself. Plugins never replace or extend such a word. */
export const isBuiltInWord = (word: string, isCommand: CommandTest): boolean =>
  otherWords.has(word) ||
  Object.hasOwn(commandNouns, word) ||
  Object.hasOwn(commandAliases, word) ||
  isCommand(word);

/** Whether a word alone is a command, such as `doctor`. */
export type CommandTest = (word: string) => boolean;

/**
 * Finds the plugin for a command line; the longest name wins: `foo bar x` runs `gatectl-foo-bar`, or else `gatectl-foo`. A dash
 * within a word may be `_` in the file name, as in kubectl.
 */
export async function findPlugin(
  line: readonly string[],
  env: Environment,
  platform: string,
): Promise<FoundPlugin | undefined> {
  const end = line.findIndex((word) => !isPluginWord(word));
  const words = end < 0 ? line : line.slice(0, end);
  const folders = pathFolders(env);
  for (let length = Math.min(words.length, maxWords); length > 0; length -= 1) {
    const named = words.slice(0, length);
    const names = new Set([named.map((word) => word.replaceAll('-', '_')).join('-'), named.join('-')]);
    for (const name of names)
      for (const folder of folders) {
        const file = path.join(folder, `${pluginPrefix}${name}${programExtension(platform)}`);
        if (await isExecutableFile(file)) return {file, words: length};
      }
  }
  return undefined;
}

/** Maximum number of words in a plugin name. Each word costs a lookup in every folder. */
const maxWords = 5;

/** Whether a word may be part of a plugin name. Excludes slashes, because the name becomes part of a file name. */
export const isPluginWord = (word: string): boolean => /^[A-Za-z0-9][\w.-]{0,63}$/.test(word);

export const programExtension = (platform: string): string => (platform === 'win32' ? '.exe' : '');

/** Returns the absolute folders of PATH. A relative one would run programs from the current folder. */
export const pathFolders = (env: Environment): readonly string[] =>
  [...new Set((env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)))].slice(
    0,
    maxFolders,
  );

/** Whether this is a regular file that the user may execute. */
export function isExecutableFile(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    access(file, constants.X_OK, (refused) => {
      if (refused !== null) resolve(false);
      else stat(file, (error, found) => resolve(error === null && found.isFile()));
    });
  });
}
