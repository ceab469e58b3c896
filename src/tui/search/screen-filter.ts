import type {Selector} from '../../selector/selector.js';

const filterNames = ['sessions', 'events', 'records', 'journal', 'trace'] as const;
export type FilterName = (typeof filterNames)[number];

export interface ScreenFilter {
  /** The filter as typed. */
  readonly text: string;
  /** The selector that the gates run. */
  readonly selector?: Selector | undefined;
  /** Words of a plain search. */
  readonly search?: string | undefined;
  /** Selectors for a uid or id equal to the words. Used for gates that can't filter. */
  readonly exact?: readonly Selector[] | undefined;
}

/** Returns the selector that a trace applies; a search only hides rows. */
export const tracedSelector = ({selector, search}: ScreenFilter): Selector | undefined =>
  search === undefined ? selector : undefined;

/** A filter saved by the operator under a name. */
interface SavedFilter {
  readonly screen: FilterName;
  readonly text: string;
}

/** Filters saved between runs, per context. */
export interface SavedFilters {
  readonly saved: Readonly<Record<string, SavedFilter>>;
  /** Typed lines of each prompt, newest first. The key is the screen of a filter, or `command`. */
  readonly history: Readonly<Record<string, readonly string[]>>;
}

export const noSavedFilters: SavedFilters = {saved: {}, history: {}};

/** Maximum number of lines kept per prompt. */
const maxHistory = 50;

export function withPromptHistory(kept: SavedFilters, prompt: string, text: string): SavedFilters {
  if (text.trim() === '') return kept;
  const older = (kept.history[prompt] ?? []).filter((line) => line !== text);
  return {...kept, history: {...kept.history, [prompt]: [text, ...older].slice(0, maxHistory)}};
}

/**
 * Parses saved filters from JSON. Ignores invalid entries, which another version may have written.
 */
export function parseSavedFilters(value: unknown): SavedFilters {
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
