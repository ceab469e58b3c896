/** Maximum edit distance of a suggestion. */
const maxEdits = 2;

/** Returns the most similar known word; undefined if it is more than `mostEdits` (2) or half of the word's length away. */
export function closestMatch(
  word: string,
  known: readonly string[],
  mostEdits: number = maxEdits,
): string | undefined {
  let best: string | undefined;
  let smallest = Math.min(mostEdits, Math.floor(word.length / 2)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= smallest) continue;
    const count = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (count < smallest) [best, smallest] = [candidate, count];
  }
  return best;
}

/** Returns the hint, preceded by `did you mean x?` if a known word is similar. */
export function didYouMean(word: string, known: readonly string[], hint: string): string {
  const near = closestMatch(word, known);
  return near === undefined ? hint : `did you mean ${near}? ${hint}`;
}

/** Returns the edit distance: insertions, deletions, replacements, and swaps of neighbours (optimal string alignment). */
function editDistance(from: string, to: string): number {
  let [before, row]: [number[], number[]] = [[], Array.from({length: to.length + 1}, (_, at) => at)];
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1];
      const replaced = (row[j - 1] ?? 0) + (isSame ? 0 : 1);
      let least = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      const isSwapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isSwapped) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[to.length] ?? 0;
}
