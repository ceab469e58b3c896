import {Command, Help, Option} from 'commander';
import {version} from '../../base/version.js';
import {type CatalogueEntry, catalogue} from '../catalogue.js';
import {commandNouns} from '../command-identity.js';
import {globalFlags} from '../settings/global-flags.js';
import type {AnyVerb} from '../verb.js';
import {refuseBlankValues} from './blank-values.js';
import {toCamelCase} from './flag-names.js';
import {aliasesHelp} from './hints/aliases.js';

/** Output and callbacks of the command tree. */
export interface CommandTreeDeps {
  /** Command line. The tree leaves out the verbs of nouns that are not on it. If undefined, the tree is complete. */
  readonly argv?: readonly string[];
  readonly write: (text: string) => void;
  readonly columns: number | undefined;
  /** Called before a command is loaded, so that an error can name it. */
  readonly onEnter: (command: Command) => void;
  readonly run: (entry: CatalogueEntry, verb: AnyVerb, command: Command) => Promise<void>;
}

/** Options for a tree that is only inspected, for example for completion. */
export const silentCommandTreeDeps: CommandTreeDeps = {
  write: () => {},
  columns: undefined,
  onEnter: () => {},
  run: async () => {},
};

const footer = `
Every global flag may be given before or after the command, or as the environment variable in brackets.
${aliasesHelp}
Exit codes: gatectl help exit-codes`;

/** Builds commander's command tree from names and summaries. A command's own declaration is loaded when it is entered. */
export function buildCommandTree(deps: CommandTreeDeps): Command {
  const program = new Command('gatectl')
    .description('Inspect and control live and persisted sessions of an mqant gate cluster.')
    .usage('<noun> <verb> [target…] [flags]')
    .exitOverride()
    .configureOutput({
      writeOut: deps.write,
      writeErr: () => {}, // the thrown error is formatted by `errorText` instead
      getOutHelpWidth: () => deps.columns ?? 100,
      getOutHasColors: () => false,
    })
    .configureHelp({formatHelp: commandsFirst, optionDescription})
    .helpCommand('help [command]', 'show help for a command or for exit-codes')
    .version(version, '-V, --version', 'print the version; -v alone does too')
    .addHelpText('after', footer);
  for (const {notation, summary, env} of globalFlags)
    program.addOption(new Option(notation, `${summary} [${env}]`));
  refuseBlankValues(program);
  const enter = declareOnEntry(deps, addCommands(program, deps.argv));
  for (const parent of [program, ...program.commands]) parent.hook('preSubcommand', enter);
  return program;
}

type EntryOf = ReadonlyMap<Command, CatalogueEntry>;

function addCommands(program: Command, line: CommandTreeDeps['argv']): EntryOf {
  const parents = new Map<string, Command>();
  for (const [noun, about] of Object.entries(commandNouns)) {
    parents.set(
      noun,
      program.command(noun).description(about).usage('<verb> [target…] [flags]').helpCommand(false),
    );
  }
  const isWanted = ([noun = '', ...verb]: readonly string[]) =>
    verb.length === 0 || line === undefined || line.includes(noun);
  return new Map(
    catalogue.flatMap((entry) => {
      const words = entry.path.split(' ');
      if (!isWanted(words)) return [];
      const parent = (words.length > 1 ? parents.get(words[0] ?? '') : undefined) ?? program;
      const command = parent.command(words.at(-1) ?? '').summary(entry.summary);
      return [[command.description(`${sentence(entry.summary)}.`), entry]];
    }),
  );
}

/** Returns a hook that loads a command and adds its declaration before its arguments are parsed. */
function declareOnEntry(deps: CommandTreeDeps, entries: EntryOf) {
  return async (_: Command, command: Command): Promise<void> => {
    deps.onEnter(command);
    const entry = entries.get(command);
    if (entry !== undefined) declareVerb(command, entry, await entry.load(), deps);
  };
}

/** Adds a verb's arguments, options, examples and action to a command. */
export function declareVerb(
  command: Command,
  entry: CatalogueEntry,
  verb: AnyVerb,
  deps: CommandTreeDeps,
): void {
  verb
    .declare(command)
    .addHelpText(
      'after',
      `\nExamples:\n${verb.examples.map((line) => `  ${line}`).join('\n')}\n\nGlobal flags: gatectl --help`,
    )
    .action(() => deps.run(entry, verb, command));
  refuseBlankValues(command);
}

/** Returns the parsed options and arguments of a command, by name in camel case. */
export function parsedInput(command: Command): Readonly<Record<string, unknown>> {
  const named = command.registeredArguments.map((argument, at): [string, unknown] => [
    toCamelCase(argument.name()),
    command.processedArgs[at],
  ]);
  return {...command.opts(), ...Object.fromEntries(named)};
}

const plainHelp = new Help();

/** Leaves out commander's note about the default if the description ends with one in parentheses. */
function optionDescription(option: Option): string {
  return option.description.endsWith(')') ? option.description : plainHelp.optionDescription(option);
}

/** Formats help with the commands before the options. */
function commandsFirst(command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(helper, command, helper);
  const options = text.indexOf('\nOptions:');
  const commands = text.indexOf('\nCommands:');
  if (options < 0 || commands < options) return text;
  return text.slice(0, options) + text.slice(commands) + text.slice(options, commands);
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
