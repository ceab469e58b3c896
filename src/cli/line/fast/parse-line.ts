import type {Command} from 'commander';
import {type CatalogueEntry, findCommand} from '../../catalogue.js';
import type {FlagValues} from '../../settings/global-flags.js';
import {globalFlags} from '../../settings/global-flags.js';
import type {AnyVerb} from '../../verb.js';
import {isBlank, mayBeBlankArgument} from '../blank-values.js';
import {splitFlagValue} from '../flag-names.js';
import {
  DeclarationRecorder,
  type DeclaredArgument,
  type DeclaredFlag,
  parseFlagNotation,
} from './declaration-recorder.js';

/** A parsed command line. */
export interface ParsedCommandLine {
  readonly entry: CatalogueEntry;
  readonly verb: AnyVerb;
  /** Global flags, by name. */
  readonly flags: FlagValues;
  /** The verb's options and arguments, by name in camel case. */
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * Parses a simple line without commander: a command, complete flags, and the declared number of arguments. Returns undefined
 * for any other line, including invalid ones, which `runWithCommander` then handles. Loading commander and building its command
 * tree would double the run time of a short command. Both parsers agree on every line that this one accepts.
 */
export async function parseLineFast(line: readonly string[]): Promise<ParsedCommandLine | undefined> {
  const global = takeFlags(
    line,
    globalFlags.map(({notation}) => parseFlagNotation(notation, [])),
  );
  if (global === undefined) return undefined;
  const [first = '', second = ''] = global.rest;
  const entry = findCommand(`${first} ${second}`) ?? findCommand(first);
  if (entry === undefined) return undefined;
  const verb = await entry.load();
  const input = inputOf(verb, global.rest.slice(entry.path.split(' ').length));
  return input && {entry, verb, flags: global.values as FlagValues, input};
}

function inputOf(verb: AnyVerb, words: readonly string[]): ParsedCommandLine['input'] | undefined {
  const declared = new DeclarationRecorder();
  verb.declare(declared as unknown as Command); // verbs call only methods that both classes have
  if (!declared.isPlain) return undefined;
  try {
    const own = takeFlags(words, declared.flags);
    if (own === undefined || own.rest.some(isFlag)) return undefined;
    const given = argumentsOf(declared.args, own.rest);
    return given && {...own.values, ...given};
  } catch {
    return undefined; // a parser refused a value; commander reports it with its flag
  }
}

interface Taken {
  readonly values: Readonly<Record<string, unknown>>;
  /** Words that are not flags, in order. */
  readonly rest: readonly string[];
}

const isFlag = (word: string): boolean => word.length > 1 && word.startsWith('-');

function takeFlags(
  words: readonly string[],
  flags: readonly (DeclaredFlag | undefined)[],
): Taken | undefined {
  const values: Record<string, unknown> = {};
  for (const flag of flags) {
    if (flag === undefined) return undefined;
    if (flag.byDefault !== undefined) values[flag.name] = flag.byDefault;
  }
  const rest: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const [written, inline] = splitFlagValue(word);
    const flag = flags.find(
      (one) => one?.long === written || (one?.short === written && inline === undefined),
    );
    if (flag === undefined) {
      rest.push(word);
    } else if (!flag.takesValue) {
      if (inline !== undefined) return undefined;
      values[flag.name] = true;
    } else {
      if (inline === undefined) at += 1;
      const text = inline ?? words[at];
      if (text === undefined || isBlank(text) || isFlag(text)) return undefined;
      const value = flag.parse === undefined ? text : flag.parse(text, values[flag.name]);
      if (value === undefined || value === null) return undefined;
      values[flag.name] = value;
    }
  }
  return {values, rest};
}

function argumentsOf(
  declared: readonly DeclaredArgument[],
  words: readonly string[],
): Taken['values'] | undefined {
  const least = declared.filter(({isRequired}) => isRequired).length;
  const isMany = declared.at(-1)?.isMany === true;
  if (words.length < least || (words.length > declared.length && !isMany)) return undefined;
  const nameAt = (at: number): string => (declared[at] ?? declared.at(-1))?.name ?? '';
  if (words.some((word, at) => isBlank(word) && !mayBeBlankArgument(nameAt(at)))) return undefined; // commander reports which
  return Object.fromEntries(
    declared.map((argument, at) => [argument.name, valueIn(argument, words.slice(at))]),
  );
}

function valueIn({isMany, parse, byDefault}: DeclaredArgument, [word, ...more]: readonly string[]): unknown {
  if (word === undefined) return isMany ? (byDefault ?? []) : byDefault;
  if (!isMany) return parse === undefined ? word : parse(word, byDefault);
  return parse === undefined
    ? [word, ...more]
    : [word, ...more].reduce<unknown>((before, text) => parse(text, before), byDefault);
}
