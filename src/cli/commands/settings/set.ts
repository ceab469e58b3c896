import {type ExitCode, UsageError} from '../../../base/errors.js';
import {shellLine} from '../../../output/text/shell-word.js';
import {type StringBag, stringBag} from '../../../session/session.js';
import {
  addBulkSessionFlags,
  type BulkSessionInput,
  bulkVerbMembers,
  hasTargetFlags,
  parseSessionOrStdin,
  sessionReferences,
  singleSession,
} from '../../bulk/bulk-flags.js';
import {writeToSessions} from '../../bulk/bulk-write.js';
import {buildSessionWrite} from '../../bulk/session-write.js';
import {writeToSession} from '../../bulk/write-to-session.js';
import type {CommandContext} from '../../command-context.js';
import {parseKeyValuePair} from '../../line/parsers.js';
import {showChange} from '../../show/show-change.js';
import {repeatableParser, type Verb} from '../../verb.js';
import {expectedSettings, explainSettingsConflict, parseSettingCondition} from './settings-condition.js';

interface SettingsSetInput extends BulkSessionInput {
  readonly args: readonly string[];
  readonly if?: readonly (readonly [string, string | null])[];
}

export const settingsSet: Verb<SettingsSetInput> = {
  examples: [
    'gatectl settings set 5f0084b6970dc3 room=lobby muted=1',
    'gatectl settings set 5f0084b6970dc3 turn=8 --if turn=7',
    'gatectl settings set --setting room=old room=lobby',
  ],
  declare: (command) =>
    addBulkSessionFlags(
      command
        .usage('<session> <key=value…> | <session…> <key=value…> | --where … <key=value…>')
        .argument(
          '<args...>',
          'sessions (- reads a list from stdin), then key=value pairs; other settings stay',
        )
        .option(
          '--if <key=value>',
          'proceed only if the setting has this value, or with !key is unset',
          repeatableParser(parseSettingCondition),
        ),
    ),
  ...bulkVerbMembers(({args, target}) => (target === undefined ? sessionsBefore(args) : [])),
  run: async (context, {args, if: conditions, ...input}) => {
    const targets = hasTargetFlags(input) ? [] : sessionsBefore(args);
    const sessions = sessionReferences(targets.map(parseSessionOrStdin), input);
    const rest = args.slice(targets.length);
    if (rest.length === 0)
      throw new UsageError('missing settings: give one or more as key=value', {
        hint: 'gatectl settings set --help',
      });
    const entries = stringBag(rest.map(parseKeyValuePair));
    const reference = singleSession(sessions, input);
    if (entries['uid'] !== undefined) throw uidAsSetting(entries['uid'], reference);
    if (reference === undefined) {
      if (conditions !== undefined)
        throw new UsageError('--if requires exactly one session; to filter many, use --where');
      return await writeToSessions(context, input, buildSessionWrite({verb: 'set', entries}), sessions);
    }
    const edit = {entries, conditions};
    return await writeToSession(context, reference, input, () => setOnOne(context, reference, edit));
  },
};

/** A setting of this name would not change the uid of the session. */
function uidAsSetting(uid: string, reference = '<session>'): UsageError {
  const line = uid === '' ? ['unbind', reference] : ['bind', reference, uid];
  return new UsageError('"uid" is not a setting, but the user of a session', {
    hint: `${shellLine(['gatectl', ...line])}; for a setting of this name: gatectl settings edit`,
  });
}

/** Returns the words before the first `key=value`: the sessions. A word such as `uid:a=b` is a session, too. */
function sessionsBefore(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => word.includes('=') && !word.startsWith('uid:'));
  return end < 0 ? words.slice(0, 1) : words.slice(0, Math.max(1, end));
}

interface OneEdit {
  readonly entries: StringBag;
  readonly conditions: SettingsSetInput['if'];
}

async function setOnOne(
  context: CommandContext,
  reference: string,
  {entries, conditions}: OneEdit,
): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const options = {allowPrefix: context.allowsPrefix};
  if (conditions === undefined)
    return await showChange(context, await cluster.setSettings(reference, entries, options));
  const expected = expectedSettings(conditions);
  const write = () => cluster.editSettings(reference, {set: entries, unset: [], expected}, options);
  const newest = async () => (await cluster.locate(reference, options)).session.settings;
  return await showChange(context, await explainSettingsConflict(expected, write, newest));
}
