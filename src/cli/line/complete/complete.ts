import {type Argument, type Command, Option} from 'commander';
import type {CommandTreeDeps} from '../command-tree.js';
import {fullCommandName} from '../full-command-name.js';
import {type Candidate, type CompletionDeps, candidateSource} from './candidate-sources.js';
import {type ExpectedWord, findExpectedWord} from './expected-word.js';

/** Candidates for the word at the cursor. If `files` is set, the shell completes file names instead. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

/** Completes the last of `words`, which follow the program's name. Contacts the cluster only for live names. */
export async function completeLine(
  program: Command,
  words: readonly string[],
  deps: CompletionDeps & {readonly program: CommandTreeDeps},
): Promise<Completion> {
  const isHelp = words[0] === 'help';
  const expected = await findExpectedWord(program, isHelp ? words.slice(1) : words, deps.program);
  const {word, command, prefix, glued, isClosed} = expected;
  const isValue = word instanceof Option || !prefix.startsWith('-') || isClosed;
  const {positionals} = expected;
  if (command === program && !(word instanceof Option) && (isValue || positionals.length > 0)) {
    const own = positionals.length === 0 ? subcommands(command, isHelp) : [];
    return await withPlugins(own, expected, deps);
  }
  if (isHelp || (command.commands.length > 0 && isValue && !(word instanceof Option)))
    return matching(positionals.length === 0 ? subcommands(command, isHelp) : [], prefix);
  if (!isValue) return matching(flagsOf(command, program), prefix);
  if (word === undefined) return matching([], prefix);
  if (isFile(word) && !isSnapshot(word)) return {candidates: [], files: true};
  const values = choicesOf(word, prefix) ?? (await live(expected, deps));
  const {candidates} = matching(values, prefix);
  return {
    candidates: candidates.map((one) => ({...one, value: glued + one.value})),
    files: isSnapshot(word) && candidates.length === 0,
  };
}

/** Adds the next words of plugin names to the candidates. A plugin's arguments are completed as files. */
async function withPlugins(
  own: readonly Candidate[],
  {positionals, prefix}: ExpectedWord,
  deps: CompletionDeps,
): Promise<Completion> {
  const names = (await deps.plugins()).map((name) => name.split(' '));
  const isNamed = (words: readonly string[], length: number): boolean =>
    words.slice(0, length).every((word, at) => word === positionals[at]);
  const next = names.filter(
    (words) => words.length > positionals.length && isNamed(words, positionals.length),
  );
  const words = next.map((name) => ({value: name[positionals.length] ?? '', about: 'plugin'}));
  const found = matching([...words, ...own], prefix);
  const files = found.candidates.length === 0 && names.some((name) => isNamed(name, name.length));
  return {...found, files};
}

const nameOf = (word: Option | Argument): string =>
  word instanceof Option ? (word.long ?? '').replace(/^--/, '') : word.name();

async function live(expected: ExpectedWord, deps: CompletionDeps): Promise<readonly Candidate[]> {
  const {word, command} = expected;
  if (word === undefined) return [];
  return await candidateSource(fullCommandName(command).replace(/^gatectl ?/, ''), nameOf(word))(
    expected,
    deps,
  );
}

/** Removes duplicates and candidates without the prefix. */
function matching(candidates: readonly Candidate[], prefix: string): Completion {
  const byValue = new Map(candidates.map((one) => [one.value, one]));
  return {candidates: [...byValue.values()].filter(({value}) => value.startsWith(prefix)), files: false};
}

function subcommands(command: Command, isHelp: boolean): readonly Candidate[] {
  const own = command.commands.map((one) => ({value: one.name(), about: one.summary() || one.description()}));
  if (command.parent !== null) return own;
  const about = 'show help for a command or for exit-codes';
  return [
    ...own,
    isHelp ? {value: 'exit-codes', about: 'meaning of the exit codes'} : {value: 'help', about},
  ];
}

function flagsOf(command: Command, program: Command): readonly Candidate[] {
  const options = command === program ? program.options : [...command.options, ...program.options];
  const help = {value: '--help', about: 'show help'};
  return [...options.map(({long, description}) => ({value: long ?? '', about: description})), help];
}

const isFile = (word: Option | Argument): boolean =>
  word instanceof Option ? /<file>$/.test(word.flags) : ['file', 'folder'].includes(word.name());

/** Whether the word is a snapshot, given by name or as a file. */
const isSnapshot = (word: Option | Argument): boolean =>
  ['snapshot', 'before', 'after'].includes(nameOf(word));

/** Returns the fixed choices of an option or argument; undefined if it has none. In a list, completes the last element. */
function choicesOf(word: Option | Argument, prefix: string): readonly Candidate[] | undefined {
  const parse: unknown = word.parseArg;
  if (typeof parse === 'function' && 'listed' in parse) {
    const head = prefix.slice(0, prefix.lastIndexOf(',') + 1);
    const left = (parse.listed as readonly string[]).filter((name) => !head.split(',').includes(name));
    return left.map((name) => ({value: head + name}));
  }
  const choices =
    word.argChoices ??
    (typeof parse === 'function' && 'choices' in parse ? (parse.choices as readonly string[]) : undefined);
  return choices?.map((value) => ({value}));
}
