import {Command, Help, Option} from 'commander';
import {version} from '../../base/version.js';
import {type CatalogueEntry, catalogue, nouns} from '../catalogue.js';
import {globalFlags} from '../settings/global-flags.js';
import type {AnyVerb} from '../verb.js';
import {refuseBlankValues} from './blank-values.js';
import {camelCase} from './flag-names.js';

/** Where commander's own words go, and what happens once a command line was understood. */
export interface ProgramDeps {
  /** What was typed: the verbs of a noun that it does not name are left out. All are in the tree without it. */
  readonly argv?: readonly string[];
  readonly write: (text: string) => void;
  readonly columns: number | undefined;
  /** Called with the command before it is loaded, so that an error can name it. */
  readonly onEnter: (command: Command) => void;
  readonly run: (entry: CatalogueEntry, verb: AnyVerb, command: Command) => Promise<void>;
}

const footer = `
Every global flag goes before or after the command, and has an environment variable (in brackets).
Exit codes: gatectl help exit-codes`;

/** The tree of commands. Only names and summaries stand in it until a command is entered, which loads that one. */
export function buildProgram(doors: ProgramDeps): Command {
  const program = new Command('gatectl')
    .description('See and steer every live and persisted session of an mqant gate cluster.')
    .usage('<noun> <verb> [target…] [flags]')
    .exitOverride()
    .configureOutput({
      writeOut: doors.write,
      writeErr: () => {}, // the error itself is thrown, and written in our own form
      getOutHelpWidth: () => doors.columns ?? 100,
      getOutHasColors: () => false,
    })
    .configureHelp({formatHelp: commandsFirst, optionDescription})
    .helpCommand('help [command]', 'help on a command, or on exit-codes')
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', footer);
  for (const {notation, summary, env} of globalFlags)
    program.addOption(new Option(notation, `${summary} [${env}]`));
  refuseBlankValues(program);
  const enter = declareOnEntry(doors, addCommands(program, doors.argv));
  for (const parent of [program, ...program.commands]) parent.hook('preSubcommand', enter);
  return program;
}

type EntryOf = ReadonlyMap<Command, CatalogueEntry>;

function addCommands(program: Command, line: ProgramDeps['argv']): EntryOf {
  const parents = new Map<string, Command>();
  for (const [noun, about] of Object.entries(nouns)) {
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

/** A command's file is loaded when the command is entered, before its own part of the line is parsed. */
function declareOnEntry(doors: ProgramDeps, entries: EntryOf) {
  return async (_: Command, command: Command): Promise<void> => {
    doors.onEnter(command);
    const entry = entries.get(command);
    if (entry !== undefined) declareVerb(command, entry, await entry.load(), doors);
  };
}

/** Gives a command the arguments and options of its verb. */
export function declareVerb(
  command: Command,
  entry: CatalogueEntry,
  verb: AnyVerb,
  doors: ProgramDeps,
): void {
  verb
    .declare(command)
    .addHelpText(
      'after',
      `\nExamples:\n${verb.examples.map((line) => `  ${line}`).join('\n')}\n\nGlobal flags: gatectl --help`,
    )
    .action(() => doors.run(entry, verb, command));
  refuseBlankValues(command);
}

/** What was given on the command line, by name: options, and arguments under the names they were declared with. */
export function commandInput(command: Command): Readonly<Record<string, unknown>> {
  const named = command.registeredArguments.map((argument, at): [string, unknown] => [
    camelCase(argument.name()),
    command.processedArgs[at],
  ]);
  return {...command.opts(), ...Object.fromEntries(named)};
}

const plainHelp = new Help();

/** A default that the words of an option name already, in brackets at their end, is not said again. */
function optionDescription(option: Option): string {
  return option.description.endsWith(')') ? option.description : plainHelp.optionDescription(option);
}

/** Commander's help, with what there is to do before how it may be done. */
function commandsFirst(command: Command, helper: Help): string {
  const text = Help.prototype.formatHelp.call(helper, command, helper);
  const options = text.indexOf('\nOptions:');
  const commands = text.indexOf('\nCommands:');
  if (options < 0 || commands < options) return text;
  return text.slice(0, options) + text.slice(commands) + text.slice(options, commands);
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
