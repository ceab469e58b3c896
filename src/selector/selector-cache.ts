import {RecentMap} from '../base/recent-map.js';
import {parseSelector, type Selector} from './selector.js';

const maxKept = 64;

/** Caches selectors by their text, because a gate gets the same one for every page. Rejects like parseSelector. */
export class SelectorCache {
  private readonly kept = new RecentMap<string, Selector>(maxKept);

  async get(text: string): Promise<Selector> {
    const known = this.kept.get(text);
    if (known !== undefined) return known;
    const selector = await parseSelector(text);
    this.kept.set(text, selector);
    return selector;
  }
}
