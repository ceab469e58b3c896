import type {LocatedRow} from '../answers.js';
import type {SessionsPage} from './session-page.js';
import type {Page} from './stream.js';

/**
 * Stops listing a gate that can't filter or sort after `most` rows, and records that its rows are a sample.
 */
export function sampleListing(most: number | undefined): {
  readonly page: (node: string, read: () => Promise<SessionsPage>) => Promise<Page<LocatedRow>>;
  readonly sampled: () => readonly string[];
} {
  const looked = new Map<string, number>();
  const cut = new Set<string>();
  return {
    async page(node, read) {
      const page = await read();
      if (most === undefined || page.answered) return page;
      const sum = (looked.get(node) ?? 0) + page.looked;
      looked.set(node, sum);
      if (sum < most || page.next === '') return page;
      cut.add(node);
      return {rows: page.rows, batch: page.batch, next: ''};
    },
    sampled: () => [...cut],
  };
}
