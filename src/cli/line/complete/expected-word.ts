import type {Argument, Command, Option} from 'commander';
import {commandAt} from '../../catalogue.js';
import {commandPath} from '../command-path.js';
import {declareVerb, type ProgramDeps} from '../program.js';

/** The kind of word that is expected at the cursor, and the words before it. */
export interface ExpectedWord {
  /** The option or argument whose value is expected; undefined if a command or flag is. */
  readonly word: Option | Argument | undefined;
  readonly command: Command;
  /** The part of the value that is typed already. */
  readonly prefix: string;
  /** `--flag=` if it stands before the value in the same word. */
  readonly glued: string;
  readonly positionals: readonly string[];
  /** Global flags of the line by name. */
  readonly flags: Readonly<Record<string, string | boolean>>;
  /** Whether a `--` stands before, so that only arguments may follow. */
  readonly isClosed: boolean;
}

/** Walks the command tree along the words. The last word is the one to complete. */
export async function expectedWordAt(
  program: Command,
  words: readonly string[],
  deps: ProgramDeps,
): Promise<ExpectedWord> {
  let command = program;
  let option: Option | undefined;
  let isClosed = false;
  const positionals: string[] = [];
  const flags: Record<string, string | boolean> = {};
  for (const word of words.slice(0, -1)) {
    if (option !== undefined) {
      if (program.options.includes(option)) flags[option.attributeName()] = word;
      option = undefined;
    } else if (word === '--') isClosed = true;
    else if (!isClosed && word.startsWith('-')) {
      const [name, value] = splitFlag(word);
      const found = optionNamed(command, program, name);
      if (found !== undefined && program.options.includes(found))
        flags[found.attributeName()] = value ?? true;
      if (value === undefined && (found?.required || found?.optional)) option = found;
    } else {
      const sub = subcommandOf(command, positionals, word);
      if (sub === undefined) positionals.push(word);
      else command = await entered(sub, deps);
    }
  }
  const last = words.at(-1) ?? '';
  const [name, value] = splitFlag(last);
  if (option === undefined && !isClosed && value !== undefined) {
    const found = optionNamed(command, program, name);
    return {word: found, command, prefix: value, glued: `${name}=`, positionals, flags, isClosed};
  }
  const word = option ?? argumentAt(command, positionals.length);
  return {word, command, prefix: last, glued: '', positionals, flags, isClosed};
}

/** Splits `--flag=value`; the value is undefined without `=`. */
function splitFlag(word: string): readonly [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function optionNamed(command: Command, program: Command, name: string): Option | undefined {
  return [...command.options, ...program.options].find(({long, short}) => long === name || short === name);
}

function subcommandOf(command: Command, positionals: readonly string[], word: string): Command | undefined {
  return positionals.length > 0 ? undefined : command.commands.find((one) => one.name() === word);
}

async function entered(command: Command, deps: ProgramDeps): Promise<Command> {
  const path = commandPath(command).replace(/^gatectl /, '');
  const entry = commandAt(path);
  if (entry !== undefined) declareVerb(command, entry, await entry.load(), deps);
  return command;
}

/** Returns the argument at a position. A variadic last argument covers all later positions. */
function argumentAt(command: Command, at: number): Argument | undefined {
  const {registeredArguments} = command;
  const last = registeredArguments.at(-1);
  return registeredArguments[at] ?? (last?.variadic ? last : undefined);
}
