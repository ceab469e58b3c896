import {type Command, Option} from 'commander';
import {secretNamePattern} from '../../../../session/secret-names.js';
import {globalFlags} from '../../../settings/global-flags.js';
import {equivalentFlags, flagTakesValue, followFlags, replacementsOnlyForHints} from '../flag-equivalents.js';
import {isColumnName} from '../values/output-format.js';

export const globalOptions: readonly Option[] = globalFlags.map(({notation}) => new Option(notation));

/**
 * Replaces flags of other tools by equivalents. Leaves out a flag that has none, and what follows up to the next flag of the
 * command, because it may be a value.
 */
export function translateFlags(
  {options}: Command,
  given: readonly string[],
): {readonly words: readonly string[]; readonly leftOut: readonly string[]} {
  const known = [...options, ...globalOptions];
  const has = (long: string): boolean => known.some((option) => option.long === long);
  const isKnownFlag = (word: string): boolean =>
    known.some(({long, short}) => long === word.split('=')[0] || short === word);
  const words: string[] = [];
  const leftOut: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const word = given[at] ?? '';
    const [name = '', ...inline] = word.split('=');
    const option = known.find(({long, short}) => long === name || short === word);
    const isFlag = word.length > 1 && word.startsWith('-');
    const isList = name === '--json' && (given[at + 1] ?? '-').split(',').every(isColumnName);
    const next = inline.length === 0 && (flagTakesValue(name) || isList) ? given[at + 1] : undefined;
    const value = inline.length > 0 ? inline.join('=') : next;
    if (!isFlag || option !== undefined) {
      words.push(word);
      if (option?.required === true && inline.length === 0 && at + 1 < given.length)
        words.push(given[++at] ?? '');
      continue;
    }
    const ours =
      (inline.length === 0 ? replacementsOnlyForHints[name] : undefined) ??
      (followFlags.has(name) && has('--kinds') ? [] : undefined);
    const equivalent = ours ?? equivalentFlags({name, value}, has);
    if (equivalent === undefined) {
      if (isSecretFlag(name)) return {words, leftOut: [...leftOut, ...flagNames(given.slice(at))]};
      const following = given.slice(at + 1);
      const end = following.findIndex(isKnownFlag);
      const skipped = end < 0 ? following : following.slice(0, end);
      leftOut.push(...flagNames([word, ...skipped]));
      at += skipped.length;
      continue;
    }
    words.push(...equivalent);
    if (ours === undefined && next !== undefined) at++;
  }
  return {words, leftOut};
}

/** Whether the word after this flag is a secret. */
const isSecretFlag = (flag = ''): boolean =>
  flag === '-p' || (!flag.includes('=') && secretNamePattern.test(flag));

/** Returns the names of flags without their values, which may be secrets: `-p` for `-phunter2`. */
const flagNames = (words: readonly string[]): readonly string[] =>
  words.flatMap((word, at) =>
    isSecretFlag(words[at - 1]) ? [] : (/^(?:--[a-z][a-z\d-]*|-[A-Za-z])/.exec(word)?.[0] ?? []),
  );

/**
 * Decides which global flags to keep if flags were left out. Drops `--yes`, because the suggested write differs from the typed
 * one. If a secret was left out, drops all flags, because its value may be among them.
 */
export function keptFlags(
  flags: readonly string[],
  leftOut: readonly string[],
): {readonly kept: readonly string[]; readonly leftOut: readonly string[]} {
  if (leftOut.length === 0) return {kept: flags, leftOut};
  if (leftOut.some((name) => isSecretFlag(name)))
    return {kept: [], leftOut: [...leftOut, ...flagNames(flags)]};
  const isYes = (word: string): boolean => word === '--yes' || word === '-y';
  return {kept: flags.filter((word) => !isYes(word)), leftOut: [...leftOut, ...flags.filter(isYes)]};
}
