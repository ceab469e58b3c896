/** Reports whether every subject that matches `inner` also matches `outer`; both may contain NATS wildcards. */
export function subjectCovers(outer: string, inner: string): boolean {
  const wide = outer.split('.');
  const narrow = inner.split('.');
  for (const [at, token] of wide.entries()) {
    const other = narrow[at];
    if (other === undefined) return false;
    if (token === '>') return true;
    if (other === '>' || (token !== '*' && token !== other)) return false;
  }
  return wide.length === narrow.length;
}

/** Drops subjects that others cover, since a message would arrive once for each. */
export function withoutCoveredSubjects(subjects: readonly string[]): readonly string[] {
  const once = [...new Set(subjects)];
  return once.filter((subject) => !once.some((other) => other !== subject && subjectCovers(other, subject)));
}
