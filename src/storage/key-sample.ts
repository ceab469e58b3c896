/** Limits the memory for a sample. */
const maxShapes = 500;
const maxPerShape = 1000;

/**
 * Chooses keys so that each kind of key is in the sample, however rare. Keys are of one kind if they differ only in parts
 * with digits, or in long parts: `cache:item:17` and `cache:item:18`.
 */
export class KeySample {
  private readonly byShape = new Map<string, Set<string>>();

  add(key: string): void {
    const shape = shapeOf(key);
    const isNew = !this.byShape.has(shape);
    const group = isNew && this.byShape.size >= maxShapes ? '' : shape;
    const keys = this.byShape.get(group) ?? new Set();
    if (keys.size < maxPerShape) this.byShape.set(group, keys.add(key));
  }

  /** Returns at most `most` keys, in turn of each kind. */
  choose(most: number): readonly string[] {
    const chosen: string[] = [];
    let groups = [...this.byShape.values()].map((keys) => keys.values());
    while (groups.length > 0 && chosen.length < most) {
      groups = groups.filter((keys) => {
        const {value, done} = keys.next();
        if (done !== true && chosen.length < most) chosen.push(value);
        return done !== true;
      });
    }
    return chosen;
  }
}

const shapeOf = (key: string): string =>
  key
    .slice(0, 200)
    .split(/([:/|.#_-])/)
    .map((part) => (part.length > 12 || /\d/.test(part) ? '0' : part))
    .join('');
