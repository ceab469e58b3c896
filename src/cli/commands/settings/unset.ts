import {UsageError} from '../../../errors.js';
import {bulkAbout} from '../../bulk-about.js';
import {type BulkInput, isBulk, splitWords, withBulk} from '../../bulk-flags.js';
import {writeMany} from '../../bulk-write.js';
import {dryRunOne} from '../../dry-run-one.js';
import {parseSettingKey} from '../../parsers.js';
import {parseReference} from '../../session-argument.js';
import {showChange} from '../../show-change.js';
import type {Verb} from '../../verb.js';

export interface SettingsUnsetInput extends BulkInput {
  readonly word: readonly string[];
}

export const settingsUnset: Verb<SettingsUnsetInput> = {
  examples: [
    'gatectl settings unset 5f0084b6970dc3 room muted',
    'gatectl settings unset --setting muted --older-than 1h muted',
  ],
  declare: (command) =>
    withBulk(
      command
        .usage('<session> <key…> | --where … <key…>')
        .argument('<word...>', 'the session, and names of the settings to remove'),
    ),
  endsItself: isBulk,
  run: async (context, {word, ...input}) => {
    const {session, rest} = splitWords(word, input);
    const keys = rest.map(parseSettingKey);
    if (keys.length === 0)
      throw new UsageError('what to remove is not said', {hint: 'give names of settings'});
    if (session === undefined) {
      const action = {verb: 'unset', keys} as const;
      return await writeMany(context, input, {action, about: bulkAbout(action), destroys: false});
    }
    const reference = parseReference(session);
    const shown = await dryRunOne(context, reference, input);
    if (shown !== undefined) return shown;
    const cluster = await context.openCluster();
    const change = await cluster.unsetSettings(reference, keys, {allowPrefix: context.interactive});
    return await showChange(context, change);
  },
};
