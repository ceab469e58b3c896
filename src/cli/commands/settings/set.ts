import {UsageError} from '../../../base/errors.js';
import {stringBag} from '../../../session/session.js';
import {actionDetails} from '../../bulk/action-details.js';
import {type BulkInput, isBulk, splitTargets, withBulkFlags} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {dryRunOne} from '../../bulk/dry-run-one.js';
import {parsePair} from '../../line/parsers.js';
import {parseSessionReference} from '../../line/session-argument.js';
import {showChange} from '../../show/show-change.js';
import {collect, type Verb} from '../../verb.js';
import {expectedSettings, explainConflict, parseCondition} from './settings-condition.js';

interface SettingsSetInput extends BulkInput {
  readonly word: readonly string[];
  readonly if?: readonly (readonly [string, string | null])[];
}

export const settingsSet: Verb<SettingsSetInput> = {
  examples: [
    'gatectl settings set 5f0084b6970dc3 room=lobby muted=1',
    'gatectl settings set 5f0084b6970dc3 turn=8 --if turn=7',
    'gatectl settings set --setting room=old room=lobby',
  ],
  declare: (command) =>
    withBulkFlags(
      command
        .usage('<session> <key=value…> | --where … <key=value…>')
        .argument('<word...>', 'session and key=value pairs; other settings stay')
        .option(
          '--if <key=value>',
          'proceed only if key=value holds, or !key is unset',
          collect(parseCondition),
        ),
    ),
  handlesAbort: isBulk,
  run: async (context, {word, if: conditions, ...input}) => {
    const {session, rest} = splitTargets(word, input);
    if (rest.length === 0)
      throw new UsageError('missing settings: give one or more key=value', {
        hint: 'gatectl settings set --help',
      });
    const entries = stringBag(rest.map(parsePair));
    if (session === undefined) {
      if (conditions !== undefined)
        throw new UsageError('--if requires one named session: to select many, use --where');
      const action = {verb: 'set', entries} as const;
      return await writeToMany(context, input, {action, about: actionDetails(action), destroys: false});
    }
    const reference = parseSessionReference(session);
    const shown = await dryRunOne(context, reference, input);
    if (shown !== undefined) return shown;
    const cluster = await context.openCluster();
    const options = {allowPrefix: context.isInteractive};
    if (conditions === undefined)
      return await showChange(context, await cluster.setSettings(reference, entries, options));
    const expected = expectedSettings(conditions);
    const write = () => cluster.editSettings(reference, {set: entries, unset: [], expected}, options);
    const newest = async () => (await cluster.locate(reference, options)).session.settings;
    return await showChange(context, await explainConflict(expected, write, newest));
  },
};
