import {GatectlError} from '../../../base/errors.js';
import type {ContextStore} from '../../settings/context-store.js';
import type {FlagValues} from '../../settings/global-flags.js';
import {warn} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {type ContextRow, contextPresenter, maskSettingCredentials} from './context-presenters.js';

export const contextList: Verb<object> = {
  examples: ['gatectl context list', 'gatectl context list -o json'],
  declare: (command) => command,
  run: async (context) => {
    const rows = await readContextRows(context.contexts);
    for (const {fault} of rows) if (fault !== '') await warn(context, fault);
    return showRows(context, contextPresenter, rows);
  },
};

/** Returns all saved contexts, including those whose file is broken. */
export async function readContextRows(contexts: ContextStore): Promise<readonly ContextRow[]> {
  const selected = await contexts.selected().catch(undefinedForKnownError); // the selection file may be broken too
  const names = await contexts.list();
  return Promise.all(
    names.map(async (name) => {
      const {values, fault} = await readValues(contexts, name);
      const text = (key: 'server' | 'registry') => maskSettingCredentials(key, String(values[key] ?? ''));
      const readOnly = values.readOnly === true;
      return {
        name,
        selected: name === selected,
        server: text('server'),
        registry: text('registry'),
        readOnly,
        protected: values.protected === true,
        fault,
      };
    }),
  );
}

function undefinedForKnownError(error: unknown): undefined {
  if (!(error instanceof GatectlError)) throw error;
  return undefined;
}

/** Reads a context. A broken file is returned as a fault, so that it does not hide the other contexts. */
async function readValues(
  contexts: ContextStore,
  name: string,
): Promise<{readonly values: FlagValues; readonly fault: string}> {
  try {
    return {values: await contexts.read(name), fault: ''};
  } catch (error) {
    if (!(error instanceof GatectlError)) throw error;
    return {values: {}, fault: error.message};
  }
}
