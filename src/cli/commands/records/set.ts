import {NegativeError, UsageError} from '../../../base/errors.js';
import {recordFields} from '../../../presentation/record-presenter.js';
import {encodeSession} from '../../../session/codec/session-protobuf.js';
import {stringBag} from '../../../session/session.js';
import type {CommandContext} from '../../command-context.js';
import {maskedSessionState} from '../../journal/journal-draft.js';
import {formatHintLine} from '../../line/hints/hint-line.js';
import {parseKeyValuePair, parseTimeToLiveMs, parseUid, parseUtf8Text} from '../../line/parsers.js';
import {notice} from '../../show/notices.js';
import {showItem} from '../../show/show-results.js';
import {repeatableParser, type Verb} from '../../verb.js';
import {OnlineCheck} from './online-check.js';
import {
  addOnlineCheckFlags,
  type OnlineCheckInput,
  showRecordDryRun,
  warnUnknownExpiry,
} from './record-flags.js';

interface RecordsSetInput extends OnlineCheckInput {
  readonly uid: string;
  readonly settings: readonly (readonly [string, string])[];
  readonly unset?: readonly string[];
  readonly revision?: string;
  readonly whileOnline?: boolean;
  readonly onlineToo?: boolean;
  readonly dryRun?: boolean;
}

export const recordsSet: Verb<RecordsSetInput> = {
  examples: [
    'gatectl records set u42 level=7 roomName=mqant',
    'gatectl records set u42 --unset banned --revision 17',
  ],
  declare: (command) =>
    addOnlineCheckFlags(command)
      .argument('<uid>', 'user id of the record', parseUid)
      .argument('[settings...]', 'settings as key=value', repeatableParser(parseKeyValuePair), [])
      .option('--unset <key>', 'remove a setting (repeatable)', repeatableParser(parseUtf8Text))
      .option('--revision <revision>', 'proceed only at this revision (see records get)')
      .option('--while-online', 'allow online users; the gate may overwrite the record')
      .option('--online-too', 'alias of --while-online')
      .option('--dry-run', 'show the resulting record; write nothing'),
  run: async (context, {uid, settings, unset = [], revision, store, offline, ...input}) => {
    if (settings.length + unset.length === 0)
      throw new UsageError('missing settings: give key=value or --unset <key>', {
        hint: 'gatectl records set --help',
      });
    const check = new OnlineCheck(context, {store, offline});
    const records = await context.openRecords(store);
    const record = await records.get(uid);
    if (input.whileOnline !== true && input.onlineToo !== true) {
      const words =
        settings.length > 0 ? ['set', ...settings.map((pair) => pair.join('='))] : ['unset', ...unset];
      const [verb = '', ...args] = words;
      const live = formatHintLine(['settings', verb, `uid:${uid}`, ...args, '--all-sessions']);
      await check.refuseOnline(uid, record, {hint: `to change the live session: ${live}`});
    }
    if (record.session === undefined) {
      throw new NegativeError(`cannot decode the record of "${uid}": ${record.undecodable}`, {
        hint: `gatectl records get ${uid}`,
      });
    }
    const kept = Object.entries(record.session.settings).filter(([key]) => !unset.includes(key));
    const session = {...record.session, settings: stringBag([...kept, ...settings])};
    const value = encodeSession(session);
    await hintExpire(context, uid, settings);
    if (input.dryRun === true) return await showRecordDryRun(context, {...record, session, value});
    await records.put(uid, value, {
      node: store === undefined ? record.node : undefined,
      revision: revision ?? record.revision, // refuses to overwrite a concurrent change
    });
    context.journalDraft.addChange(
      `record ${uid}`,
      maskedSessionState(record.session),
      maskedSessionState(session),
    );
    const after = await records.get(uid);
    await warnUnknownExpiry(context, after);
    return showItem(context, recordFields(after));
  },
};

/** Says that a setting such as `ttl=1h` does not change when the record expires. */
async function hintExpire(
  context: CommandContext,
  uid: string,
  settings: readonly (readonly [string, string])[],
): Promise<void> {
  const found = settings.find(([key, text]) => /^(?:ttl|expir(?:e|es|y))$/i.test(key) && isTimeToLive(text));
  if (found === undefined) return;
  const [key, text] = found;
  const line = formatHintLine(['records', 'expire', uid, text]);
  await notice(
    context,
    `"${key}" is set as a setting of the session; to change when the record expires: ${line}`,
  );
}

function isTimeToLive(text: string): boolean {
  try {
    parseTimeToLiveMs(text);
    return true;
  } catch {
    return false;
  }
}
