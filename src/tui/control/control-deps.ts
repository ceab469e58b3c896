import type {DashboardDeps} from '../dashboard-deps.js';
import type {Intent} from '../keymap/keymap.js';
import type {Notice} from '../model/dialog-types.js';
import type {Store} from '../model/store.js';
import type {Terminal} from '../term/terminal.js';

/** Dependencies of the input handlers. */
export interface ControlDeps {
  readonly store: Store;
  readonly dashboard: DashboardDeps;
  readonly terminal: Terminal;
  /** Returns how many columns the text occupies. */
  readonly measure: (text: string) => number;
  /** Performs the intent of a key, for typed commands with the same effect. */
  readonly perform: (intent: Intent) => void;
  readonly quit: () => void;
  /**
   * Switches to the cluster of a context. If it can't be used, rejects with GatectlError and keeps
   * the current cluster.
   */
  readonly switchTo: (context: string) => Promise<void>;
  /** Ends the dashboard because of an unexpected error in background work. */
  readonly fail: (error: unknown) => void;
}

export function showNotice(
  {store, dashboard}: ControlDeps,
  text: string,
  tone: Notice['tone'] = 'good',
): void {
  store.dispatch({type: 'notice', notice: {text, tone, at: dashboard.now()}});
}

/** Starts background work. If it throws, the dashboard ends. */
export function runInBackground({fail}: ControlDeps, work: () => Promise<void>): void {
  work().catch(fail);
}
