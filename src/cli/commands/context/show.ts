import {resolveConnectionSettings} from '../../settings/connection-settings.js';
import {parseContextName} from '../../settings/context-store.js';
import {showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';
import {connectionSettingPresenter, connectionSettingRows} from './context-presenters.js';

interface ContextShowInput {
  readonly name?: string | undefined;
}

export const contextShow: Verb<ContextShowInput> = {
  examples: ['gatectl context show --origin', 'gatectl context show prod -o json'],
  declare: (command) =>
    command
      .argument('[name]', 'context (default: the effective settings)', parseContextName)
      .option('--origin', 'show the source of each value (always on)'),
  run: async (context, {name}) => {
    const settings =
      name === undefined
        ? await context.connection()
        : await resolveConnectionSettings({context: name}, {}, context.contexts);
    return showRows(context, connectionSettingPresenter, connectionSettingRows(settings));
  },
};
