import type {Command, CommanderError} from 'commander';
import {UsageError} from '../../../base/errors.js';
import {commandPath} from '../command-path.js';
import {flagHint} from './guessed-flags.js';
import {splitFlags, suggestCommands, suggestionHint} from './suggest-command.js';

/** Converts an error of commander to a UsageError whose hint is a command or flag that works. */
export async function fromCommanderError(
  error: CommanderError,
  entered: Command,
  argv: readonly string[],
): Promise<UsageError> {
  if (error.code === 'commander.help') {
    const verbs = entered.commands.map((command) => command.name()).join(', ');
    return new UsageError(`"${commandPath(entered)}" needs a verb: ${verbs}`, {
      hint: `${commandPath(entered)} --help`,
    });
  }
  const [first = '', suggestion] = error.message.split('\n(Did you mean ');
  const message = first
    .replace(/^error: /, '')
    .replace(/^(unknown option '--[^='\s]*)=.*'$/s, "$1'") // its value may be a password
    .replaceAll(/'/g, '"')
    .replace(/\. Expected/, ': expected')
    .replace(/\.$/, '');
  const hint = await hintFor(error, entered, argv);
  const fallback =
    suggestion === undefined || error.code === 'commander.unknownCommand'
      ? `${commandPath(entered)} --help`
      : `did you mean ${suggestion.slice(0, -1)}`;
  return new UsageError(message, {hint: hint ?? fallback, cause: error});
}

async function hintFor(
  {code, message}: CommanderError,
  entered: Command,
  argv: readonly string[],
): Promise<string | undefined> {
  const program = entered.parent?.parent ?? entered.parent ?? entered;
  const line = splitFlags(argv, program.options);
  if (code === 'commander.unknownOption') return flagHint(argv, unknownOption(message), entered);
  const isList = code === 'commander.excessArguments' && /^(list|count)$/.test(entered.name());
  if (code !== 'commander.unknownCommand' && !isList) return undefined;
  const words = isList ? line.words.filter((word) => word !== entered.name()) : line.words;
  const suggestions = await suggestCommands({...line, words});
  return suggestions.length === 0 ? undefined : suggestionHint(suggestions);
}

/** Returns the flag in commander's message about an unknown option, with a value after `=`. */
export const unknownOption = (message: string): string =>
  /unknown option '(.*?)'(?:\n|$)/s.exec(message)?.[1] ?? '';
