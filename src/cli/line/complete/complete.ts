import {type Argument, type Command, Option} from 'commander';
import type {ProgramDeps} from '../program.js';
import {commandPath} from '../usage-errors.js';
import {type Candidate, type CompletionDeps, candidateSource} from './candidate-sources.js';
import {type ExpectedWord, expectedWordAt} from './expected-word.js';

/** What may stand where the cursor is; `files` leaves it to the shell. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

/** Completes the last of some words, those after the program's name. Asks the cluster only where live names may stand. */
export async function complete(
  program: Command,
  words: readonly string[],
  doors: CompletionDeps & {readonly program: ProgramDeps},
): Promise<Completion> {
  const isHelp = words[0] === 'help';
  const wanted = await expectedWordAt(program, isHelp ? words.slice(1) : words, doors.program);
  const {word, command, prefix, glued, isClosed} = wanted;
  const isValue = word instanceof Option || !prefix.startsWith('-') || isClosed;
  if (isHelp || (command.commands.length > 0 && isValue && !(word instanceof Option)))
    return chosen(wanted.positionals.length === 0 ? subcommands(command, isHelp) : [], prefix);
  if (!isValue) return chosen(flagsOf(command, program), prefix);
  if (word === undefined) return chosen([], prefix);
  if (isFile(word)) return {candidates: [], files: true};
  const values = choicesOf(word) ?? (await live(wanted, doors));
  const {candidates} = chosen(values, prefix);
  return {candidates: candidates.map((one) => ({...one, value: glued + one.value})), files: false};
}

const nameOf = (word: Option | Argument): string =>
  word instanceof Option ? (word.long ?? '').replace(/^--/, '') : word.name();

async function live(wanted: ExpectedWord, doors: CompletionDeps): Promise<readonly Candidate[]> {
  const {word, command} = wanted;
  if (word === undefined) return [];
  return await candidateSource(commandPath(command).replace(/^gatectl ?/, ''), nameOf(word))(wanted, doors);
}

/** Each once, by the prefix. */
function chosen(candidates: readonly Candidate[], prefix: string): Completion {
  const byValue = new Map(candidates.map((one) => [one.value, one]));
  return {candidates: [...byValue.values()].filter(({value}) => value.startsWith(prefix)), files: false};
}

function subcommands(command: Command, isHelp: boolean): readonly Candidate[] {
  const own = command.commands.map((one) => ({value: one.name(), about: one.summary() || one.description()}));
  if (command.parent !== null) return own;
  const about = 'help on a command, or on exit-codes';
  return [...own, isHelp ? {value: 'exit-codes', about: 'what the exit codes mean'} : {value: 'help', about}];
}

function flagsOf(command: Command, program: Command): readonly Candidate[] {
  const options = command === program ? program.options : [...command.options, ...program.options];
  const help = {value: '--help', about: 'show help'};
  return [...options.map(({long, description}) => ({value: long ?? '', about: description})), help];
}

const isFile = (word: Option | Argument): boolean =>
  word instanceof Option ? /<file>$/.test(word.flags) : word.name() === 'file';

/** The words that it may be, where there are few. */
function choicesOf(word: Option | Argument): readonly Candidate[] | undefined {
  const parse: unknown = word.parseArg;
  const choices =
    word.argChoices ??
    (typeof parse === 'function' && 'choices' in parse ? (parse.choices as readonly string[]) : undefined);
  return choices?.map((value) => ({value}));
}
