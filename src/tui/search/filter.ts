import type {Selector} from '../../selector/selector.js';

const filterNames = ['sessions', 'events', 'records', 'journal', 'trace'] as const;
export type FilterName = (typeof filterNames)[number];

export interface Filter {
  /** As typed. */
  readonly text: string;
  /** The selector that the gates run. */
  readonly selector?: Selector | undefined;
  /** Words of a plain search. */
  readonly search?: string | undefined;
  /** The words as a whole uid and a whole id, which a gate that can't filter looks up. */
  readonly exact?: readonly Selector[] | undefined;
}

/** A filter that the operator saved by a name. */
interface SavedFilter {
  readonly screen: FilterName;
  readonly text: string;
}

/** Filters that are kept between runs, per context. */
export interface KeptFilters {
  readonly saved: Readonly<Record<string, SavedFilter>>;
  /** Typed lines of each prompt, newest first: of a filter by its screen, and of `command`. */
  readonly history: Readonly<Record<string, readonly string[]>>;
}

export const noKeptFilters: KeptFilters = {saved: {}, history: {}};

/** Lines kept per prompt. */
const maxHistory = 50;

export function withHistory(kept: KeptFilters, prompt: string, text: string): KeptFilters {
  if (text.trim() === '') return kept;
  const older = (kept.history[prompt] ?? []).filter((line) => line !== text);
  return {...kept, history: {...kept.history, [prompt]: [text, ...older].slice(0, maxHistory)}};
}

/** Reads kept filters from JSON. Ignores what has another shape, which another version may have written. */
export function parseKeptFilters(value: unknown): KeptFilters {
  const {saved, history} = objectOf(value);
  return {
    saved: Object.fromEntries(
      Object.entries(objectOf(saved)).flatMap(([name, filter]) => {
        const {screen, text} = objectOf(filter);
        const known = filterNames.find((one) => one === screen);
        return known === undefined || typeof text !== 'string' ? [] : [[name, {screen: known, text}]];
      }),
    ),
    history: Object.fromEntries(
      Object.entries(objectOf(history)).map(([prompt, lines]) => [
        prompt,
        (Array.isArray(lines) ? lines : []).filter((line) => typeof line === 'string').slice(0, maxHistory),
      ]),
    ),
  };
}

const objectOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? {...value} : {};
