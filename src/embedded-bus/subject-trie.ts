/** A subscription, as far as the trie needs it. */
export interface SubjectInterest {
  readonly subject: string;
  /** Name of the queue group; empty if there is none. */
  readonly queue: string;
}

/** Subscribers of a subject. A message goes to all of `all`, and to one member of each group. */
interface Matches<I> {
  readonly all: readonly I[];
  readonly groups: readonly (readonly I[])[];
}

class Level<I> {
  readonly children = new Map<string, Level<I>>();
  readonly all = new Set<I>();
  readonly groups = new Map<string, Set<I>>();

  get isEmpty(): boolean {
    return this.children.size === 0 && this.all.size === 0 && this.groups.size === 0;
  }

  childAt(token: string): Level<I> {
    const found = this.children.get(token);
    if (found !== undefined) return found;
    const made = new Level<I>();
    this.children.set(token, made);
    return made;
  }
}

/** Stores interests by the tokens of their subjects. Wildcards are treated as such only when a subject is matched. */
export class SubjectTrie<I extends SubjectInterest> {
  private readonly root = new Level<I>();

  add(interest: I): void {
    let level = this.root;
    for (const token of interest.subject.split('.')) level = level.childAt(token);
    if (interest.queue === '') {
      level.all.add(interest);
      return;
    }
    const group = level.groups.get(interest.queue) ?? new Set<I>();
    level.groups.set(interest.queue, group.add(interest));
  }

  remove(interest: I): void {
    const path = [this.root];
    const tokens = interest.subject.split('.');
    for (const token of tokens) {
      const next = path[path.length - 1]?.children.get(token);
      if (next === undefined) return;
      path.push(next);
    }
    dropFrom(path[path.length - 1], interest);
    for (let depth = tokens.length; depth > 0 && path[depth]?.isEmpty; depth -= 1) {
      path[depth - 1]?.children.delete(tokens[depth - 1] ?? '');
    }
  }

  match(subject: string): Matches<I> {
    const all: I[] = [];
    const groups = new Map<string, I[]>();
    const collect = (level: Level<I> | undefined) => {
      if (level === undefined) return;
      for (const interest of level.all) all.push(interest);
      for (const [queue, members] of level.groups) {
        groups.set(queue, [...(groups.get(queue) ?? []), ...members]);
      }
    };
    descend(this.root, subject.split('.'), 0, collect);
    return {all, groups: [...groups.values()]};
  }
}

function descend<I>(
  level: Level<I>,
  tokens: readonly string[],
  depth: number,
  collect: (level: Level<I> | undefined) => void,
): void {
  const token = tokens[depth];
  if (token === undefined) return collect(level);
  collect(level.children.get('>'));
  for (const key of [token, '*']) {
    const child = level.children.get(key);
    if (child !== undefined) descend(child, tokens, depth + 1, collect);
  }
}

function dropFrom<I extends SubjectInterest>(level: Level<I> | undefined, interest: I): void {
  level?.all.delete(interest);
  const group = level?.groups.get(interest.queue);
  group?.delete(interest);
  if (group?.size === 0) level?.groups.delete(interest.queue);
}
