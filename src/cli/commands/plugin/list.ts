import type {Presenter} from '../../../output/formats/presenter.js';
import {notice} from '../../show/notices.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {type InstalledPlugin, listPlugins} from './installed-plugins.js';

export const pluginList: Verb<object> = {
  examples: ['gatectl plugin list', 'gatectl plugin list -o json'],
  declare: (command) => command,
  run: async (context) => {
    const {env, platform} = context.deps;
    const isCommand = (word: string) => context.findCommand(word) !== undefined;
    const plugins = await listPlugins({env, platform, isCommand});
    if (plugins.length === 0)
      await notice(context, 'no plugins: put an executable named gatectl-<name> in a folder on PATH');
    return showRows(context, pluginPresenter, plugins);
  },
};

export const pluginPresenter: Presenter<InstalledPlugin> = {
  columns: [
    {header: 'NAME', cell: ({name}) => name, fit: 'whole'},
    {header: 'FILE', cell: ({file}) => file, fit: 'wrap'},
    {header: 'STATE', cell: stateOf, fit: 'wrap'},
  ],
  record: ({shadowedBy, ...row}) => ({...row, shadowedBy: shadowedBy ?? null}),
  id: ({name}) => name,
};

function stateOf({executable, shadowedBy}: InstalledPlugin): string {
  if (shadowedBy !== undefined) return `shadowed by ${shadowedBy}`;
  return executable ? 'ok' : 'not executable';
}
