import type {BulkAction} from '../../cluster/cluster.js';

/** Returns the action's arguments for the outcome file; a resumed run must have the same. Messages: message-write.ts. */
export function actionDetails(
  action: Exclude<BulkAction, {verb: 'send'}>,
): Readonly<Record<string, unknown>> {
  switch (action.verb) {
    case 'set':
      return {settings: Object.fromEntries(Object.entries(action.entries))};
    case 'unset':
      return {keys: action.keys};
    default:
      return {};
  }
}
