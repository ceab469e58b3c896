import type {Doors} from '../doors.js';
import type {Notice} from '../state.js';
import type {Store} from '../store.js';
import type {Terminal} from '../term/terminal.js';

/** What those need who do what a key asks for. */
export interface Hands {
  readonly store: Store;
  readonly doors: Doors;
  readonly terminal: Terminal;
  readonly quit: () => void;
  /** A bug in something that nobody waits for: ends the dashboard with it. */
  readonly fail: (error: unknown) => void;
}

export function say({store, doors}: Hands, text: string, tone: Notice['tone'] = 'good'): void {
  store.dispatch({type: 'notice', notice: {text, tone, at: doors.now()}});
}

/** Starts something; what it throws ends the dashboard. */
export function start({fail}: Hands, work: () => Promise<void>): void {
  work().catch(fail);
}
