import type {Command, CommanderError} from 'commander';
import {UsageError} from '../../base/errors.js';
import {catalogue} from '../catalogue.js';

/** Returns the full name of a command: `gatectl sessions list`. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}

/** Converts an error of commander to a UsageError, with its suggestion as the hint. */
export function fromCommanderError(error: CommanderError, entered: Command): UsageError {
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
  const hint =
    suggestion === undefined ? unknownCommandHint(error, entered) : `did you mean ${suggestion.slice(0, -1)}`;
  return new UsageError(message, {hint, cause: error});
}

/** Returns a hint for an unknown command. A verb without its noun, as in `gatectl kick`, lists the commands with this verb. */
function unknownCommandHint({code, message}: CommanderError, entered: Command): string {
  const [, word = ''] = code === 'commander.unknownCommand' ? (/'(.*)'/.exec(message) ?? []) : [];
  const meant = catalogue.filter(({path}) => word !== '' && path.endsWith(` ${word}`));
  if (entered.parent !== null || meant.length === 0) return `${commandPath(entered)} --help`;
  return `did you mean ${meant.map(({path}) => `gatectl ${path}`).join(', ')}?`;
}
