import {UsageError} from '../../../base/errors.js';
import {catalogue} from '../../catalogue.js';
import {commandNouns} from '../../command-identity.js';
import {suggestedCommandHint} from './suggest-command.js';

const topics: readonly string[] = [
  'exit-codes',
  ...Object.keys(commandNouns),
  ...catalogue.map(({path}) => path),
];

/** Rejects with UsageError if help is requested for an unknown command. Commander would print the program's help instead. */
export async function checkHelpTopic(argv: readonly string[]): Promise<void> {
  if (argv[0] === 'help') return await checkWords(wordsOf(argv.slice(1)));
  if (!argv.includes('--help') && !argv.includes('-h')) return;
  const words = wordsOf(argv);
  const [first = ''] = words;
  if (words.length > 0) await checkWords(words.slice(0, first in commandNouns ? 2 : 1)); // the rest are the command's arguments
}

const wordsOf = (argv: readonly string[]): readonly string[] => {
  const end = argv.findIndex((word) => word.startsWith('-'));
  return end < 0 ? argv : argv.slice(0, end);
};

async function checkWords(words: readonly string[]): Promise<void> {
  const topic = words.join(' ');
  if (topic === '' || topic === 'help' || topics.includes(topic)) return;
  const hint = (await suggestedCommandHint({words, flags: ['--help']})) ?? 'gatectl --help';
  throw new UsageError(`unknown command "${topic}"`, {hint});
}
