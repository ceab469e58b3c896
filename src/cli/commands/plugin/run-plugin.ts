import {CommanderError} from 'commander';
import {findCommand} from '../../catalogue.js';
import type {CliDeps} from '../../cli-deps.js';
import {refuseSecretsOnArgv} from '../../line/argv-secrets.js';
import {buildCommandTree} from '../../line/command-tree.js';
import {commandIndex} from '../../line/hints/aliases.js';
import {resolveConnectionSettings} from '../../settings/connection-settings.js';
import type {FlagValues} from '../../settings/global-flags.js';
import {findPlugin, isBuiltInWord} from './find-plugin.js';
import {pluginEnvironment} from './plugin-environment.js';

/**
 * Runs the plugin that a command line starts with. Returns its exit code, or undefined if there is no such plugin. Parses the
 * global flags before the plugin's name; everything after it is passed on. `help foo` runs the plugin with `--help`.
 */
export async function runPlugin(argv: readonly string[], deps: CliDeps): Promise<number | undefined> {
  const isHelp = argv[0] === 'help';
  const line = isHelp ? [...argv.slice(1), '--help'] : argv;
  const at = commandIndex(line, 0);
  if (at >= line.length || isBuiltInWord(line[at] ?? '', (word) => findCommand(word) !== undefined))
    return undefined;
  const plugin = await findPlugin(line.slice(at), deps.env, deps.platform);
  if (plugin === undefined) return undefined;
  const flags = globalFlagsOf(line.slice(0, at));
  if (flags === undefined) return undefined;
  refuseSecretsOnArgv(flags);
  const settings = await resolveConnectionSettings(flags, deps.env, deps.contexts);
  const env = pluginEnvironment(deps.env, flags, settings);
  return await deps.runProgram(plugin.file, line.slice(at + plugin.words), env);
}

/** Parses the flags before a plugin's name. Returns undefined if they are invalid; the command parser reports them later. */
function globalFlagsOf(words: readonly string[]): FlagValues | undefined {
  const program = buildCommandTree({
    argv: [],
    write: () => {},
    columns: undefined,
    onEnter: () => {},
    run: async () => {},
  });
  try {
    const {operands, unknown} = program.parseOptions([...words]);
    return operands.length === 0 && unknown.length === 0 ? program.opts() : undefined;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return undefined;
  }
}
