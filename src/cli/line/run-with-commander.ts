import {type Command, CommanderError} from 'commander';
import {ExitCode} from '../../base/errors.js';
import {canPrompt} from '../../output/terminal/prompt.js';
import {findCommand} from '../catalogue.js';
import type {CliDeps} from '../cli-deps.js';
import {listPluginNames} from '../commands/plugin/installed-plugins.js';
import type {FlagValues} from '../settings/global-flags.js';
import {maskArgvSecrets} from './argv-secrets.js';
import {buildCommandTree, parsedInput} from './command-tree.js';
import {checkHelpTopic} from './hints/help-topic.js';
import {formatHintLine} from './hints/hint-line.js';
import {replaceUnknownFlag} from './hints/unknown-flags.js';
import {suggestForRefusedLine, toUsageError, unknownOptionIn} from './hints/usage-errors.js';

interface CommanderDeps {
  /** Called with the global flags if the command fails. */
  readonly onFlags: (flags: FlagValues) => void;
  /** Called instead of showing help if the line has no command. */
  readonly showInsteadOfHelp: (() => Promise<number>) | undefined;
  /** Runs the line again after a flag of another tool was replaced. */
  readonly runAgain: (argv: readonly string[]) => Promise<number>;
}

/** Runs any command line with commander, which also prints help. Returns the exit code. Throws usage errors. */
export async function runWithCommander(
  argv: readonly string[],
  deps: CliDeps,
  {onFlags, showInsteadOfHelp, runAgain}: CommanderDeps,
): Promise<number> {
  await checkHelpTopic(argv);
  const {out, err} = deps.io;
  const chunks: string[] = [];
  let code: ExitCode = ExitCode.done;
  let entered: Command | undefined;
  const program = buildCommandTree({
    argv,
    write: (text) => chunks.push(text),
    columns: out.isTerminal ? out.columns : undefined,
    onEnter: (command) => {
      entered = command;
    },
    run: async (entry, verb, command) => {
      const {runVerb} = await import('../run-verb.js');
      code = await runVerb({entry, verb, flags: program.opts(), input: parsedInput(command)}, deps);
    },
  });
  try {
    await program.parseAsync(withoutHelpWord(argv), {from: 'user'});
  } catch (error) {
    onFlags(program.opts());
    if (!(error instanceof CommanderError)) throw error;
    const isConfirmed = (deps.env['GATECTL_YES'] ?? '') !== '';
    const refused = {argv, entered: entered ?? program, canAsk: canPrompt(deps.io), isConfirmed};
    const understood = replaceUnknownFlag(argv, unknownOptionIn(error.message), refused.entered);
    if (understood !== undefined) return await runAgain(understood);
    const suggested = await suggestForRefusedLine(error, refused);
    if (suggested?.run !== undefined) {
      const {run, others = []} = suggested;
      const note = others.length === 0 ? '' : ` (or: ${others.join(', or ')})`;
      if (!run.includes('-q') && !run.includes('--quiet'))
        await err.write(maskArgvSecrets(`running: ${formatHintLine(run)}${note}\n`, argv));
      return await runAgain(suggested.run);
    }
    const isHelp = error.code === 'commander.help' && entered === undefined;
    if (isHelp && showInsteadOfHelp !== undefined) return await showInsteadOfHelp();
    if (isHelp) program.outputHelp();
    else if (error.exitCode !== 0) throw toUsageError(error, refused, suggested?.hint);
    if (entered === undefined && error.code !== 'commander.version') chunks.push(await pluginsHelp(deps));
    await out.write(chunks.join(''));
  }
  await out.flush();
  await err.flush();
  return code;
}

/** How long help waits for the folders of PATH to be read, in milliseconds. */
const pluginsTimeoutMs = 200;

/** Returns the plugins section of the help; empty if there are none on PATH. */
async function pluginsHelp({env, platform}: CliDeps): Promise<string> {
  const isCommand = (word: string) => findCommand(word) !== undefined;
  const names = await listPluginNames({env, platform, isCommand}, pluginsTimeoutMs);
  return names.length === 0 ? '' : `\nPlugins: ${names.join(', ')} (gatectl plugin list)\n`;
}

/** Converts `help sessions list` to `sessions list --help`. */
function withoutHelpWord(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}
