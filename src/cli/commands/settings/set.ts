import type {Command} from 'commander';
import {stringBag} from '../../../session/session.js';
import {parsePair} from '../../parsers.js';
import {showOne} from '../../present.js';
import {withSession} from '../../session-argument.js';
import {changeFields} from '../../sheets/change-fields.js';
import {collect, type Verb} from '../../verb.js';

export interface SettingsSetInput {
  readonly session: string;
  readonly entry: readonly (readonly [string, string])[];
}

export const settingsSet: Verb<SettingsSetInput> = {
  examples: [
    'gatectl settings set 5f0084b6970dc3 room=lobby',
    'gatectl settings set 5f0084b6970dc3 room=lobby muted=1',
  ],
  declare: (command: Command) =>
    withSession(command).argument('<entry...>', 'key=value; other settings stay', collect(parsePair)),
  run: async (context, {session, entry}) => {
    const cluster = await context.openCluster();
    const change = await cluster.setSettings(session, stringBag(entry), {allowPrefix: context.interactive});
    return showOne(context, changeFields(change));
  },
};
