import type {Command} from 'commander';

/** Returns the full name of a command, such as `gatectl sessions list`. */
export function fullCommandName(command: Command): string {
  return command.parent === null ? command.name() : `${fullCommandName(command.parent)} ${command.name()}`;
}
