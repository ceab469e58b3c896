import {UsageError} from '../../../base/errors.js';
import {
  addBulkSessionFlags,
  type BulkSessionInput,
  bulkVerbMembers,
  singleSession,
  splitSessionArguments,
} from '../../bulk/bulk-flags.js';
import {writeToSessions} from '../../bulk/bulk-write.js';
import {buildSessionWrite} from '../../bulk/session-write.js';
import {writeToSession} from '../../bulk/write-to-session.js';
import {parseSettingKey} from '../../line/parsers.js';
import {notice} from '../../show/notices.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface SettingsUnsetInput extends BulkSessionInput {
  readonly args: readonly string[];
}

export const settingsUnset: Verb<SettingsUnsetInput> = {
  examples: [
    'gatectl settings unset 5f0084b6970dc3 room muted',
    'gatectl settings unset --setting muted --older-than 1h muted',
  ],
  declare: (command) =>
    addBulkSessionFlags(
      command
        .usage('<session> <key…> | --where … <key…>')
        .argument('<args...>', 'session and keys of the settings to remove'),
    ),
  ...bulkVerbMembers(({args, target}) => (target === undefined ? args.slice(0, 1) : [])),
  run: async (context, {args, ...input}) => {
    const {sessions, rest} = splitSessionArguments(args, input);
    const keys = rest.map(parseSettingKey);
    if (keys.length === 0)
      throw new UsageError('missing keys: give the settings to remove', {
        hint: 'gatectl settings unset --help',
      });
    const reference = singleSession(sessions, input);
    if (reference === undefined)
      return await writeToSessions(context, input, buildSessionWrite({verb: 'unset', keys}), sessions);
    return await writeToSession(context, reference, input, async (cluster) => {
      const change = await cluster.unsetSettings(reference, keys, {allowPrefix: context.allowsPrefix});
      const code = await showChange(context, change);
      const {sessionId, settings} = change.before;
      if (keys.includes('uid') && settings['uid'] === undefined)
        await notice(context, `"uid" is no setting; to remove the uid: gatectl unbind ${sessionId}`);
      return code;
    });
  },
};
