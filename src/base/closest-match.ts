/** Letters that may be wrong for a word still to be meant. */
const mostEdits = 2;

/** The word that was probably meant; undefined when none is near. */
export function closestMatch(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(mostEdits, Math.floor(word.length / 2)) + 1;
  for (const one of known) {
    if (Math.abs(one.length - word.length) >= least) continue;
    const count = edits(word.toLowerCase(), one.toLowerCase());
    if (count < least) [best, least] = [one, count];
  }
  return best;
}

/** `did you mean x?` before a hint, where a known word is near. */
export function didYouMean(word: string, known: readonly string[], hint: string): string {
  const near = closestMatch(word, known);
  return near === undefined ? hint : `did you mean ${near}? ${hint}`;
}

/** Letters to insert, remove, replace, or swap with their neighbour (optimal string alignment). */
function edits(from: string, to: string): number {
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
