import type {State} from '../state.js';

/** Order and columns of the tables, saved between runs for each context. */
export interface KeptViews {
  /** Order and columns of the sessions; undefined means the default. */
  readonly order: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly sorts: State['sorts'];
}

export const keptViewsOf = ({sessions, sorts}: State): KeptViews => ({
  order: sessions.order.text,
  columns: sessions.columns,
  sorts,
});
