import type {Command} from 'commander';
import type {ExitCode} from '../base/errors.js';
import type {CommandContext} from './command-context.js';

/**
 * One command: what its line looks like, and what it does. `Input` is its options and arguments by their names in
 * camel case, already parsed.
 */
export interface Verb<Input> {
  readonly examples: readonly [string, string, ...string[]];
  readonly declare: (command: Command) => Command;
  /** It watches the signal itself, because it has something to put away before it ends. */
  readonly handlesAbort?: boolean | ((input: Input) => boolean);
  /** Opens, asks, renders. What it resolves with is the exit code; nothing means done. */
  readonly run: (context: CommandContext, input: Input) => Promise<ExitCode | undefined>;
}

/** A verb of any input: the input is commander's, made by what the verb itself declared. */
export type AnyVerb = Verb<never>;

/** For an option that may be given many times. */
export function collect<T>(
  parse: (text: string) => T,
): (text: string, before: readonly T[] | undefined) => readonly T[] {
  return (text, before = []) => [...before, parse(text)];
}
