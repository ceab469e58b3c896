import {parseContextName} from '../../settings/context-store.js';
import {notice} from '../../show/notices.js';
import type {Verb} from '../../verb.js';
import type {ContextNameInput} from './use.js';

export const contextRemove: Verb<ContextNameInput> = {
  examples: ['gatectl context remove old', 'gatectl context remove staging'],
  declare: (command) => command.argument('<name>', 'name of the context', parseContextName),
  run: async (context, {name}) => {
    await context.contexts.remove(name);
    await notice(context, `removed context "${name}"`);
    return undefined;
  },
};
