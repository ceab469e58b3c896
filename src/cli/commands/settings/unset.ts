import {UsageError} from '../../../base/errors.js';
import {sessionWrite} from '../../bulk/action-details.js';
import {type BulkInput, inBulk, onlySession, splitTargets, withBulkFlags} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {writeToOne} from '../../bulk/write-to-one.js';
import {parseSettingKey} from '../../line/parsers.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface SettingsUnsetInput extends BulkInput {
  readonly args: readonly string[];
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
        .argument('<args...>', 'session and keys of the settings to remove'),
    ),
  ...inBulk(({args, target}) => (target === undefined ? args.slice(0, 1) : [])),
  run: async (context, {args, ...input}) => {
    const {sessions, rest} = splitTargets(args, input);
    const keys = rest.map(parseSettingKey);
    if (keys.length === 0)
      throw new UsageError('missing keys: give the settings to remove', {
        hint: 'gatectl settings unset --help',
      });
    const reference = onlySession(sessions, input);
    if (reference === undefined)
      return await writeToMany(context, input, sessionWrite({verb: 'unset', keys}), sessions);
    return await writeToOne(context, reference, input, async (cluster) => {
      const change = await cluster.unsetSettings(reference, keys, {allowPrefix: context.allowsPrefix});
      return await showChange(context, change);
    });
  },
};
