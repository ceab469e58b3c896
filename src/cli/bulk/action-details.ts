import type {BulkAction} from '../../cluster/cluster.js';

/** What a write on many is about, as its outcome file says it and a resumed run compares it; of a message see message-write.ts. */
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
