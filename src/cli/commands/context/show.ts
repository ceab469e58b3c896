import {resolveConnection} from '../../connection-options.js';
import {parseContextName} from '../../contexts.js';
import {showRows} from '../../present.js';
import {settingRows, settingSheet} from '../../sheets/context-sheets.js';
import type {Verb} from '../../verb.js';

export interface ContextShowInput {
  readonly name?: string | undefined;
}

export const contextShow: Verb<ContextShowInput> = {
  examples: ['gatectl context show', 'gatectl context show prod -o json'],
  declare: (command) =>
    command.argument('[name]', 'context; without, what is in force now', parseContextName),
  run: async (context, {name}) => {
    const settings =
      name === undefined
        ? await context.connection()
        : await resolveConnection({context: name}, {}, context.contexts);
    return showRows(context, settingSheet, settingRows(settings));
  },
};
