import {UsageError} from '../../../base/errors.js';
import {actionDetails} from '../../bulk/action-details.js';
import {type BulkInput, isBulk, splitTargets, withBulkFlags} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {dryRunOne} from '../../bulk/dry-run-one.js';
import {parseSettingKey} from '../../line/parsers.js';
import {parseSessionReference} from '../../line/session-argument.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface SettingsUnsetInput extends BulkInput {
  readonly word: readonly string[];
}

export const settingsUnset: Verb<SettingsUnsetInput> = {
  examples: [
    'gatectl settings unset 5f0084b6970dc3 room muted',
    'gatectl settings unset --setting muted --older-than 1h muted',
  ],
  declare: (command) =>
    withBulkFlags(
      command
        .usage('<session> <key…> | --where … <key…>')
        .argument('<word...>', 'session and keys of the settings to remove'),
    ),
  handlesAbort: isBulk,
  run: async (context, {word, ...input}) => {
    const {session, rest} = splitTargets(word, input);
    const keys = rest.map(parseSettingKey);
    if (keys.length === 0)
      throw new UsageError('missing keys: give the settings to remove', {
        hint: 'gatectl settings unset --help',
      });
    if (session === undefined) {
      const action = {verb: 'unset', keys} as const;
      return await writeToMany(context, input, {action, about: actionDetails(action), destroys: false});
    }
    const reference = parseSessionReference(session);
    const shown = await dryRunOne(context, reference, input);
    if (shown !== undefined) return shown;
    const cluster = await context.openCluster();
    const change = await cluster.unsetSettings(reference, keys, {allowPrefix: context.isInteractive});
    return await showChange(context, change);
  },
};
