import {parseContextName} from '../../settings/context-store.js';
import {notice} from '../../show/notices.js';
import type {Verb} from '../../verb.js';

export interface ContextNameInput {
  readonly name: string;
}

export const contextUse: Verb<ContextNameInput> = {
  examples: ['gatectl context use prod', 'gatectl context use dev'],
  declare: (command) => command.argument('<name>', 'name of the context', parseContextName),
  run: async (context, {name}) => {
    await context.contexts.select(name);
    await notice(context, `selected context "${name}"`);
    return undefined;
  },
};
