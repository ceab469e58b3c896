import type {BulkAction} from '../../cluster/cluster.js';
import type {BulkWrite} from './bulk-write.js';

type SessionAction = Exclude<BulkAction, {verb: 'send'}>;

/** Builds the bulk write for an action on sessions. message-write.ts builds the one for messages. */
export const buildSessionWrite = (action: SessionAction): BulkWrite => ({
  action,
  about: actionArguments(action),
  destroys: action.verb === 'kick',
});

/** Returns the action's arguments for the outcome file. A resumed run must have the same arguments. */
export function actionArguments(action: SessionAction): Readonly<Record<string, unknown>> {
  switch (action.verb) {
    case 'set':
      return {settings: Object.fromEntries(Object.entries(action.entries))};
    case 'unset':
      return {keys: action.keys};
    default:
      return {};
  }
}
