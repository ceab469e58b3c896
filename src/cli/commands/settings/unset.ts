import {showOne} from '../../present.js';
import {withSession} from '../../session-argument.js';
import {changeFields} from '../../sheets/change-fields.js';
import type {Verb} from '../../verb.js';

export interface SettingsUnsetInput {
  readonly session: string;
  readonly key: readonly string[];
}

export const settingsUnset: Verb<SettingsUnsetInput> = {
  examples: [
    'gatectl settings unset 5f0084b6970dc3 room',
    'gatectl settings unset 5f0084b6970dc3 room muted',
  ],
  declare: (command) => withSession(command).argument('<key...>', 'names of the settings to remove'),
  run: async (context, {session, key}) => {
    const cluster = await context.openCluster();
    return showOne(
      context,
      changeFields(await cluster.unsetSettings(session, key, {allowPrefix: context.interactive})),
    );
  },
};
