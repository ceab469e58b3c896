import {type CatalogueEntry, findCommand} from '../../catalogue.js';
import {commandAliases, commandNouns} from '../../command-identity.js';
import {globalFlags} from '../../settings/global-flags.js';
import {nounOfSynonym} from './noun-synonyms.js';
import {commandsByWord} from './synonyms.js';
import {plainTargets, timeToLiveLast} from './values/target-words.js';

/** Verbs that each alias may stand for. The first one that the noun has is used. */
const verbsOf: Readonly<Record<string, readonly string[]>> = {
  ls: ['list'],
  rm: ['delete', 'unset', 'remove'],
  show: ['show', 'info', 'get', 'list'],
  describe: ['show', 'info', 'get', 'list'],
};

/** Line about aliases in the program's help. */
export const aliasesHelp =
  'Aliases: ls = list; rm = delete, unset or remove; show, describe = get, info or list.';

/**
 * Expands command aliases: `sessions ls` to `sessions list`, `version` to `--version`. Both line parsers read the result, so
 * neither needs to know aliases.
 */
export const expandAliases = (argv: readonly string[]): readonly string[] =>
  withPlainTargets(expandedAliases(argv));

function expandedAliases(argv: readonly string[]): readonly string[] {
  if (argv.length === 1 && /^--?v(?:v|er|ersion)?$/i.test(argv[0] ?? '')) return ['--version'];
  if (!argv.some((word) => word === 'version' || Object.hasOwn(verbsOf, word))) return argv;
  const at = commandIndex(argv, argv[0] === 'help' ? 1 : 0);
  const [word = '', next = ''] = argv.slice(at);
  if (word === 'version' || (Object.hasOwn(verbsOf, word) && next === 'version')) return ['--version'];
  if (Object.hasOwn(commandNouns, word)) {
    const verb = verbOf(word, next);
    return verb === undefined ? argv : argv.with(at + 1, verb);
  }
  const path = Object.hasOwn(commandAliases, word) ? commandAliases[word] : undefined;
  if (path === undefined || nounOfSynonym(next) !== undefined || isRead(next) || /^[\da-f]{34,}$/i.test(next))
    return argv; // a long run of digits is bytes for `decode`
  return [...argv.slice(0, at), ...path.split(' '), ...argv.slice(at + 1)];
}

/** Whether the word after `show` or `describe` is a read command and not a target, as in `show metrics`. */
const isRead = (word: string): boolean => findCommand(word)?.risk === 'read' || commandsByWord.has(word);

/** Returns the noun's verb that an alias stands for; undefined if the word is not an alias, or is itself a verb of the noun. */
function verbOf(noun: string, word: string): string | undefined {
  if (!Object.hasOwn(verbsOf, word) || findCommand(`${noun} ${word}`) !== undefined) return undefined;
  if (noun === 'settings' && word !== 'ls' && word !== 'rm') return 'list'; // `get` needs a key
  return verbsOf[word]?.find((verb) => findCommand(`${noun} ${verb}`) !== undefined);
}

/** Writes the targets of a line in the form that its command takes: `send to user u42 …`, `records expire u42 in 1 hour`. */
function withPlainTargets(argv: readonly string[]): readonly string[] {
  const path = findCommandInLine(argv)?.path;
  if (path === undefined) return argv;
  const start = commandIndex(argv, 0) + path.split(' ').length;
  const args = argv.slice(start);
  const plain = plainTargets(path, path === 'records expire' ? timeToLiveLast(args) : args);
  return plain === args ? argv : [...argv.slice(0, start), ...plain];
}

/** Returns the command that a line runs; undefined if it names none. */
export function findCommandInLine(argv: readonly string[]): CatalogueEntry | undefined {
  const [first = '', second = ''] = argv.slice(commandIndex(argv, 0));
  return findCommand(`${first} ${second}`) ?? findCommand(first);
}

/** Returns the index of the first word that is neither a global flag nor the value of one. */
export function commandIndex(argv: readonly string[], from: number): number {
  let at = from;
  while (argv[at]?.startsWith('-') === true) {
    const takesValue = globalFlags.some(
      ({notation, long}) =>
        notation.endsWith('>') && (argv[at] === long || notation.startsWith(`${argv[at]},`)),
    );
    at += takesValue ? 2 : 1;
  }
  return at;
}
