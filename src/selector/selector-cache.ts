import {parseSelector, type Selector} from './selector.js';

const maxKept = 64;

/** Selectors by their text, for a gate that is given the same one with every page. Rejects as parseSelector does. */
export class SelectorCache {
  private readonly kept = new Map<string, Selector>();

  async get(text: string): Promise<Selector> {
    const known = this.kept.get(text);
    if (known !== undefined) return known;
    const selector = await parseSelector(text);
    const [oldest] = this.kept.keys();
    if (this.kept.size >= maxKept && oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(text, selector);
    return selector;
  }
}
