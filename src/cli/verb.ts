import type {Command} from 'commander';
import type {ExitCode} from '../base/errors.js';
import type {CommandContext} from './command-context.js';

/**
 * A command: its arguments and options, and its action. `Input` holds the parsed options and arguments, by name in camel
 * case.
 */
export interface Verb<Input> {
  readonly examples: readonly [string, string, ...string[]];
  readonly declare: (command: Command) => Command;
  /** Whether the command handles the abort signal itself, because it has to clean up. */
  readonly handlesAbort?: boolean | ((input: Input) => boolean);
  /**
   * Whether the command asks for confirmation itself, with `confirmWrite` or `confirmContextName`, before it writes. In a protected
   * context, other writes are confirmed before they run.
   */
  readonly confirms?: boolean | ((input: Input) => boolean);
  /** Runs the command. Resolves with its exit code; undefined means 0. */
  readonly run: (context: CommandContext, input: Input) => Promise<ExitCode | undefined>;
}

/** A verb of any input type, for the catalogue. The parser builds the input according to the verb's own declaration. */
export type AnyVerb = Verb<never>;

/** Returns a parser for a repeatable option, which collects the parsed values. */
export function repeatableParser<T>(
  parse: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}
