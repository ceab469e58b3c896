import {UsageError} from '../../../errors.js';
import {stringBag} from '../../../session/session.js';
import {type BulkInput, isBulk, splitWords, withBulk} from '../../bulk-flags.js';
import {writeMany} from '../../bulk-write.js';
import {parsePair} from '../../parsers.js';
import {parseReference} from '../../session-argument.js';
import {showChange} from '../../show-change.js';
import type {Verb} from '../../verb.js';

export interface SettingsSetInput extends BulkInput {
  readonly word: readonly string[];
}

export const settingsSet: Verb<SettingsSetInput> = {
  examples: [
    'gatectl settings set 5f0084b6970dc3 room=lobby muted=1',
    'gatectl settings set --setting room=old room=lobby',
  ],
  declare: (command) =>
    withBulk(
      command
        .usage('<session> <key=value…> | --where … <key=value…>')
        .argument('<word...>', 'the session, and key=value; other settings stay'),
    ),
  endsItself: isBulk,
  run: async (context, {word, ...input}) => {
    const {session, rest} = splitWords(word, input);
    if (rest.length === 0) throw new UsageError('what to set is not said', {hint: 'give key=value'});
    const entries = stringBag(rest.map(parsePair));
    if (session === undefined) {
      const about = {settings: Object.fromEntries(Object.entries(entries))};
      return await writeMany(context, input, {action: {verb: 'set', entries}, about, destroys: false});
    }
    const reference = parseReference(session);
    const cluster = await context.openCluster();
    const change = await cluster.setSettings(reference, entries, {allowPrefix: context.interactive});
    return await showChange(context, change);
  },
};
