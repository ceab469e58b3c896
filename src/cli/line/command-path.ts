import type {Command} from 'commander';

/** Returns the full name of a command, such as `gatectl sessions list`. */
export function commandPath(command: Command): string {
  return command.parent === null ? command.name() : `${commandPath(command.parent)} ${command.name()}`;
}
