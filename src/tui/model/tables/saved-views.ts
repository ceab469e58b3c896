import type {State} from '../state.js';

/** Order and columns of the tables, saved between runs for each context. */
export interface SavedViews {
  /** Order and columns of the sessions; undefined means the default. */
  readonly order: string | undefined;
  readonly columns: readonly string[] | undefined;
  readonly sorts: State['sorts'];
}

export const viewsToSave = ({sessions, sorts}: State): SavedViews => ({
  order: sessions.order.text,
  columns: sessions.columns,
  sorts,
});
