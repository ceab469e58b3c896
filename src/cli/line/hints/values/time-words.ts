import {formatHintLine} from '../hint-line.js';

const timeFlag = /^--(?:since|until|after|before|from|to)$/;
/** Matches times of several words, which a shell passes as several arguments. */
const severalWords =
  /^(?:\d{1,9} [a-z]+(?: ago)?|\d{1,9}[a-z]+ ago|last night|(?:yesterday|today) \d{1,2}:\d\d|[\d-]{10} [\d:]+)$/;

/** Joins the words of unquoted times, as in `--since 2 hours ago`. Returns the same array if there are none. */
export function joinTimeWords(words: readonly string[]): readonly string[] {
  for (const [at, word] of words.entries()) {
    if (!timeFlag.test(word)) continue;
    for (const length of [3, 2]) {
      const time = words.slice(at + 1, at + 1 + length).join(' ');
      if (severalWords.test(time) && at + length < words.length)
        return joinTimeWords([...words.slice(0, at + 1), time, ...words.slice(at + 1 + length)]);
    }
  }
  return words;
}

/** Suggests the line with its times quoted, or with the time to live after the uids, if the error is about one of these. */
export function timeHint(argv: readonly string[], message: string): string | undefined {
  if (message.includes('invalid time "')) {
    const line = joinTimeWords(argv);
    return line === argv ? undefined : `did you mean: ${formatHintLine(line)}`;
  }
  const [, uid] = /invalid time to live "(.*)"/s.exec(message) ?? [];
  const at = argv.lastIndexOf(uid ?? '');
  const early = argv.findIndex((word, place) => place < at && /^(?:\d{1,9}[smhd]|never)$/.test(word));
  if (uid === undefined || at < 0 || early < 0) return undefined;
  const rest = argv.filter((_, place) => place !== early);
  return `did you mean: ${formatHintLine([...rest.slice(0, at), argv[early] ?? '', ...rest.slice(at)])}`;
}
