import {parseContextName} from '../../settings/context-store.js';
import {notice} from '../../show/notices.js';
import type {Verb} from '../../verb.js';
import {saveContext} from './add.js';
import type {ContextNameInput} from './use.js';

export const contextEdit: Verb<ContextNameInput> = {
  examples: [
    'gatectl context edit prod --timeout 5s',
    'gatectl context edit prod --registry etcd://10.0.0.2:2379',
  ],
  declare: (command) => command.argument('<name>', 'name of the context', parseContextName),
  run: async (context, {name}) => {
    await saveContext(context, name, await context.contexts.read(name));
    await notice(context, `changed context "${name}"; to show it: gatectl context show ${name}`);
    return undefined;
  },
};
