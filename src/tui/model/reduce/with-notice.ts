import type {Notice} from '../dialog-types.js';
import type {State} from '../state.js';

/** Maximum number of messages kept for the view of all messages. */
const maxMessages = 50;

/** Shows a notice and keeps it for the view of all messages. */
export function withNotice(state: State, notice: Notice | undefined): State {
  if (notice === undefined) return {...state, notice};
  return {...state, notice, messages: [...state.messages, notice].slice(-maxMessages)};
}
