import type {Command} from 'commander';
import type {ExitCode} from '../base/errors.js';
import type {CommandContext} from './command-context.js';

/**
 * One command: its arguments and options, and its action. `Input` holds the parsed options and arguments by their names in
 * camel case.
 */
export interface Verb<Input> {
  readonly examples: readonly [string, string, ...string[]];
  readonly declare: (command: Command) => Command;
  /** The command watches the signal itself, because it cleans up before it ends. */
  readonly handlesAbort?: boolean | ((input: Input) => boolean);
  /**
   * The command always asks for confirmation itself, with `confirmWrite` or `confirmName`, before it writes. Other writes in a
   * protected context are confirmed before they run.
   */
  readonly confirms?: boolean | ((input: Input) => boolean);
  /** Runs the command and resolves with its exit code; undefined means 0. */
  readonly run: (context: CommandContext, input: Input) => Promise<ExitCode | undefined>;
}

/** A verb of any input type, as the catalogue holds it. The parser builds the input from the verb's own declaration. */
export type AnyVerb = Verb<never>;

/** Returns a parser for an option that may be repeated; it collects the parsed values. */
export function collect<T>(
  parse: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}
