import {messageAndHint} from '../../../base/error-details.js';
import {GatectlError} from '../../../base/errors.js';
import {type ControlDeps, runInBackground, showNotice} from '../../control/control-deps.js';
import type {DialogFieldValues} from '../../model/dialog-types.js';
import {parseMessageHistory, withSentMessage} from './message-history.js';

const section = 'messages';

/** Loads the history of sent messages from the state file. */
export function loadMessageHistory(deps: ControlDeps): void {
  runInBackground(deps, async () => {
    const messages = parseMessageHistory(await deps.dashboard.stateFile.read(section));
    deps.store.dispatch({type: 'sent-messages', messages});
  });
}

/** Adds a sent message to the history and writes the history to the state file. */
export function saveSentMessage({topic = '', body = ''}: DialogFieldValues, deps: ControlDeps): void {
  const {store, dashboard} = deps;
  if (topic === '') return;
  const messages = withSentMessage(store.get().sentMessages, {topic, body});
  store.dispatch({type: 'sent-messages', messages});
  runInBackground(deps, async () => {
    try {
      await dashboard.stateFile.write(section, messages);
    } catch (error) {
      if (!(error instanceof GatectlError)) throw error;
      showNotice(deps, messageAndHint(error), 'bad');
    }
  });
}
