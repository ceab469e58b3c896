import type {DashboardDeps} from '../dashboard-deps.js';
import type {Intent} from '../keymap/keymap.js';
import type {Notice} from '../model/dialog.js';
import type {Store} from '../model/store.js';
import type {Terminal} from '../term/terminal.js';

/** Dependencies of the input handlers. */
export interface ControlDeps {
  readonly store: Store;
  readonly dashboard: DashboardDeps;
  readonly terminal: Terminal;
  /** Returns the columns that a text occupies. */
  readonly measure: (text: string) => number;
  /** Performs the intent of a key, for typed commands that do the same. */
  readonly perform: (intent: Intent) => void;
  readonly quit: () => void;
  /** Leaves this cluster for that of a context. Rejects with GatectlError when it can't be used; this one then stays. */
  readonly switchTo: (context: string) => Promise<void>;
  /** Ends the dashboard with an unexpected error of background work. */
  readonly fail: (error: unknown) => void;
}

export function notify({store, dashboard}: ControlDeps, text: string, tone: Notice['tone'] = 'good'): void {
  store.dispatch({type: 'notice', notice: {text, tone, at: dashboard.now()}});
}

/** Starts background work; an error from it ends the dashboard. */
export function runInBackground({fail}: ControlDeps, work: () => Promise<void>): void {
  work().catch(fail);
}
