import {resolveConnection} from '../../connection-options.js';
import {parseContextName} from '../../contexts.js';
import {showRows} from '../../present.js';
import {settingRows, settingSheet} from '../../sheets/context-sheets.js';
import type {Verb} from '../../verb.js';

export interface ContextShowInput {
  readonly name?: string | undefined;
}

export const contextShow: Verb<ContextShowInput> = {
  examples: ['gatectl context show --origin', 'gatectl context show prod -o json'],
  declare: (command) =>
    command
      .argument('[name]', 'context; without, what is in force now', parseContextName)
      .option('--origin', 'say who set each value, as it does without the flag too'),
  run: async (context, {name}) => {
    const settings =
      name === undefined
        ? await context.connection()
        : await resolveConnection({context: name}, {}, context.contexts);
    return showRows(context, settingSheet, settingRows(settings));
  },
};
