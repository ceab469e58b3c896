import {isMemberExpression} from '../values/output-format.js';

interface WordsAndFlags {
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

/** Writes the `-q` of other tools, which is `--quiet` here, in full: `pub -q 1` as `--qos 1`, `-q '.[]|{id}'` as `--jq`. */
export function withoutShortQ<Line extends WordsAndFlags>(line: Line): Line {
  const {words, flags} = line;
  if (!flags.includes('-q')) return line;
  const rest = flags.filter((flag) => flag !== '-q');
  const jq = words.findIndex(isMemberExpression);
  if (jq >= 0) return {...line, words: words.toSpliced(jq, 0, '--jq'), flags: rest};
  const level = words.findIndex((word) => /^[012]$/.test(word));
  if (level < 0) return line;
  return {...line, words: [...words.toSpliced(level, 1), '--qos', words[level] ?? ''], flags: rest};
}
