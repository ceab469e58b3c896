import {NegativeError} from '../../../base/errors.js';
import {parseSettingKey} from '../../line/parsers.js';
import {addSessionArgument} from '../../line/session-argument.js';
import {showValue} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SettingsGetInput {
  readonly session: string;
  readonly key: string;
}

export const settingsGet: Verb<SettingsGetInput> = {
  examples: ['gatectl settings get 5f0084b6970dc3 room', 'gatectl settings get 5f0084b6970dc3 room -o json'],
  declare: (command) => addSessionArgument(command).argument('<key>', 'name of the setting', parseSettingKey),
  run: async (context, {session: reference, key}) => {
    const cluster = await context.openReader();
    const {node, session} = await cluster.locate(reference, {allowPrefix: true});
    const value = Object.hasOwn(session.settings, key) ? session.settings[key] : undefined;
    if (value === undefined) {
      const hint = `gatectl settings list ${node.id}/${session.sessionId}`;
      throw new NegativeError(`session "${session.sessionId}" has no setting "${key}"`, {hint});
    }
    const record = {id: session.sessionId, gate: node.id, key, value};
    return showValue(context, value, record);
  },
};
