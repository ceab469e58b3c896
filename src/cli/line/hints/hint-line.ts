import {shellLine} from '../../../output/text/shell-word.js';
import {secretNamePattern} from '../../../session/secret-names.js';
import {maskUrlCredentials} from '../../settings/connection-settings.js';

/** Formats a command line for a hint, quoted for a shell. Masks secrets, which must not reach a terminal or a log. */
export const formatHintLine = (words: readonly string[]): string => `gatectl ${formatHintWords(words)}`;

/** Like `formatHintLine`, for a part of a line. */
export const formatHintWords = (words: readonly string[]): string =>
  shellLine(words.map((word, at) => (isSecretValue(words[at - 1]) ? '…' : masked(word))));

/** Whether the word after this flag is a secret: true for `--password`, false for `--password-file`. */
const isSecretValue = (flag = ''): boolean =>
  flag.startsWith('-') && !flag.includes('=') && !flag.endsWith('-file') && secretNamePattern.test(flag);

function masked(word: string): string {
  const [key = ''] = word.split('=', 1);
  if (word.includes('=') && secretNamePattern.test(key)) return `${key}=…`;
  return word.includes('://') ? maskUrlCredentials(word) : word;
}
