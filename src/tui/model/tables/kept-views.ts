import type {State} from '../state.js';

/** How the operator arranged the tables, kept between runs for each context. */
export interface KeptViews {
  /** Order and columns of the sessions; undefined for the usual ones. */
  readonly order: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly sorts: State['sorts'];
}

export const keptViewsOf = ({sessions, sorts}: State): KeptViews => ({
  order: sessions.order.text,
  columns: sessions.columns,
  sorts,
});
