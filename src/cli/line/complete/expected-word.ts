import type {Argument, Command, Option} from 'commander';
import {findCommand} from '../../catalogue.js';
import {type CommandTreeDeps, declareVerb} from '../command-tree.js';
import {splitFlagValue} from '../flag-names.js';
import {fullCommandName} from '../full-command-name.js';

/** What is expected at the cursor, and what precedes it. */
export interface ExpectedWord {
  /** The option or argument whose value is expected; undefined if a command or flag is. */
  readonly word: Option | Argument | undefined;
  readonly command: Command;
  /** The part of the value that is already typed. */
  readonly prefix: string;
  /** `--flag=` if it precedes the value in the same word, otherwise empty. */
  readonly glued: string;
  readonly positionals: readonly string[];
  /** Global flags on the line, by name. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  /** Whether a preceding `--` ends the flags. */
  readonly isClosed: boolean;
}

/** Follows the words through the command tree and returns what is expected for the last one. */
export async function findExpectedWord(
  program: Command,
  words: readonly string[],
  deps: CommandTreeDeps,
): Promise<ExpectedWord> {
  const walk = new LineWalk(program, deps);
  for (const word of words.slice(0, -1)) await walk.take(word);
  return walk.expected(words.at(-1) ?? '');
}

/** State after the words so far: the command reached, its arguments, and the option whose value comes next. */
class LineWalk {
  private option: Option | undefined;
  private isClosed = false;
  private readonly positionals: string[] = [];
  private readonly flags: Record<string, string | boolean> = {};
  private command: Command;

  constructor(
    private readonly program: Command,
    private readonly deps: CommandTreeDeps,
  ) {
    this.command = program;
  }

  async take(word: string): Promise<void> {
    if (this.option !== undefined) this.takeValue(this.option, word);
    else if (this.isClosed || !word.startsWith('-')) await this.takeWord(word);
    else if (word === '--') this.isClosed = true;
    else this.takeFlag(word);
  }

  expected(last: string): ExpectedWord {
    const {command, positionals, flags, isClosed, option} = this;
    const [name, value] = splitFlagValue(last);
    const about = {command, positionals, flags, isClosed};
    if (option === undefined && !isClosed && value !== undefined)
      return {...about, word: this.optionNamed(name), prefix: value, glued: `${name}=`};
    return {...about, word: option ?? argumentAt(command, positionals.length), prefix: last, glued: ''};
  }

  private takeFlag(word: string): void {
    const [name, value] = splitFlagValue(word);
    const option = this.optionNamed(name);
    if (option === undefined) return;
    this.takeValue(option, value ?? true);
    if (value === undefined && (option.required || option.optional)) this.option = option;
  }

  private takeValue(option: Option, value: string | boolean): void {
    if (this.program.options.includes(option)) this.flags[option.attributeName()] = value;
    this.option = undefined;
  }

  private async takeWord(word: string): Promise<void> {
    const sub =
      this.positionals.length > 0 ? undefined : this.command.commands.find((one) => one.name() === word);
    if (sub === undefined) this.positionals.push(word);
    else this.command = await entered(sub, this.deps);
  }

  private optionNamed(name: string): Option | undefined {
    const options = [...this.command.options, ...this.program.options];
    return options.find(({long, short}) => long === name || short === name);
  }
}

async function entered(command: Command, deps: CommandTreeDeps): Promise<Command> {
  const path = fullCommandName(command).replace(/^gatectl /, '');
  const entry = findCommand(path);
  if (entry !== undefined) declareVerb(command, entry, await entry.load(), deps);
  return command;
}

/** Returns the argument at a position. A variadic last argument also covers all later positions. */
function argumentAt(command: Command, at: number): Argument | undefined {
  const {registeredArguments} = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[at] ?? (last?.variadic ? last : undefined);
}
