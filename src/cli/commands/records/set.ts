import {NegativeError, UsageError} from '../../../base/errors.js';
import {recordFields} from '../../../presentation/record-presenter.js';
import {encodeSession} from '../../../session/codec/session-protobuf.js';
import {stringBag} from '../../../session/session.js';
import {journaledState} from '../../journal/journal-notes.js';
import {parsePair, parseText, parseUid} from '../../line/parsers.js';
import {showOne} from '../../show/show-results.js';
import {collect, type Verb} from '../../verb.js';
import {OnlineCheck} from './online-check.js';
import {type OnlineCheckInput, warnUnknownExpiry, withOnlineCheckFlags} from './record-options.js';

export interface RecordsSetInput extends OnlineCheckInput {
  readonly uid: string;
  readonly settings: readonly (readonly [string, string])[];
  readonly unset?: readonly string[];
  readonly revision?: string;
  readonly whileOnline?: boolean;
  readonly onlineToo?: boolean;
}

export const recordsSet: Verb<RecordsSetInput> = {
  examples: [
    'gatectl records set u42 level=7 roomName=mqant',
    'gatectl records set u42 --unset banned --revision 17',
  ],
  declare: (command) =>
    withOnlineCheckFlags(command)
      .argument('<uid>', 'user id of the record', parseUid)
      .argument('[settings...]', 'key=value, as many as there are', collect(parsePair), [])
      .option('--unset <key>', 'remove this setting (repeatable)', collect(parseText))
      .option('--revision <revision>', 'only if it is still this one (records get shows it)')
      .option('--while-online', 'also while the user is online, though the gate may write over it')
      .option('--online-too', 'older name of --while-online'),
  run: async (context, {uid, settings, unset = [], revision, store, offline, ...input}) => {
    if (settings.length + unset.length === 0)
      throw new UsageError('nothing to set', {hint: 'give key=value, or --unset key'});
    const check = new OnlineCheck(context, {store, offline});
    const records = await context.openRecords(store);
    const record = await records.get(uid);
    if (input.whileOnline !== true && input.onlineToo !== true) {
      const hint = `set it live: gatectl sessions find ${uid}, gatectl settings set`;
      await check.refuseOnline(uid, record, hint);
    }
    if (record.session === undefined) {
      throw new NegativeError(`the record of "${uid}" is no session: ${record.undecodable}`, {
        hint: 'see it: gatectl records get, gatectl decode',
      });
    }
    const kept = Object.entries(record.session.settings).filter(([key]) => !unset.includes(key));
    const session = {...record.session, settings: stringBag([...kept, ...settings])};
    await records.put(uid, encodeSession(session), {
      node: store === undefined ? record.node : undefined,
      revision: revision ?? record.revision, // nobody's change between the two is lost
    });
    context.notes.addChange(`record ${uid}`, journaledState(record.session), journaledState(session));
    const after = await records.get(uid);
    await warnUnknownExpiry(context, after);
    return showOne(context, recordFields(after));
  },
};
