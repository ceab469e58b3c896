import type {ContextStore} from '../../contexts.js';
import {showRows} from '../../present.js';
import {type ContextRow, contextSheet, shownValue} from '../../sheets/context-sheets.js';
import type {Verb} from '../../verb.js';

export const contextList: Verb<object> = {
  examples: ['gatectl context list', 'gatectl context list -o json'],
  declare: (command) => command,
  run: async (context) => showRows(context, contextSheet, await contextRows(context.contexts)),
};

async function contextRows(contexts: ContextStore): Promise<readonly ContextRow[]> {
  const selected = await contexts.selected();
  const names = await contexts.list();
  return Promise.all(
    names.map(async (name) => {
      const values = await contexts.read(name);
      const text = (key: 'server' | 'registry') => shownValue(key, String(values[key] ?? ''));
      const readOnly = values.readOnly === true;
      return {
        name,
        selected: name === selected,
        server: text('server'),
        registry: text('registry'),
        readOnly,
      };
    }),
  );
}
