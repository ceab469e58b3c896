import {ConflictError, NegativeError, UsageError} from '../../../base/errors.js';
import {hiddenSecretText} from '../../../session/secret-names.js';
import {type Session, type StringBag, stringBag} from '../../../session/session.js';
import type {CommandContext} from '../../command-context.js';
import {readJournalEntries} from '../../journal/journal-entries.js';
import {addSessionArgument} from '../../line/session-argument.js';
import {showChange} from '../../show/show-change.js';
import type {Verb} from '../../verb.js';

interface SettingsUndoInput {
  readonly session: string;
  readonly force?: boolean;
}

export const settingsUndo: Verb<SettingsUndoInput> = {
  examples: ['gatectl settings undo 5f0084b6970dc3', 'gatectl settings undo Gate@a1/5f0084b6970dc3 --force'],
  declare: (command) =>
    addSessionArgument(command).option('--force', 'proceed even if the settings have changed since'),
  run: async (context, {session, force = false}) => {
    const cluster = await context.openCluster();
    const {node, session: live} = await cluster.locate(session, {allowPrefix: context.allowsPrefix});
    const reference = `${node.id}/${live.sessionId}`;
    const {before, after} = await lastChange(context, reference);
    const {put, remove} = inverseEdit(before, after);
    if (!force) refuseChanged(live, [...Object.keys(put), ...remove], after);
    let newest = live;
    if (Object.keys(put).length > 0) newest = (await cluster.setSettings(reference, put)).after;
    if (remove.length > 0) newest = (await cluster.unsetSettings(reference, remove)).after;
    return await showChange(context, {node, before: live, after: newest});
  },
};

interface SettingsChange {
  readonly before: StringBag;
  readonly after: StringBag;
}

/** Returns the session's latest journaled settings change that has not been undone. Rejects with NegativeError if none. */
async function lastChange(context: CommandContext, reference: string): Promise<SettingsChange> {
  const entries = await readJournalEntries(context.deps.journal);
  let undone = 0;
  for (const {intent, result} of entries.toReversed()) {
    const change = result?.changes?.find(({target}) => target === reference);
    const before = settingsOf(change?.before);
    const after = settingsOf(change?.after);
    if (before === undefined || after === undefined) continue;
    if (intent.command === 'settings undo') undone += 1;
    else if (undone > 0) undone -= 1;
    else if (intent.command.startsWith('settings ')) return {before, after};
  }
  throw new NegativeError(`nothing to undo: the journal has no settings change for ${reference}`, {
    hint: 'gatectl audit list',
  });
}

function settingsOf(state: unknown): StringBag | undefined {
  const settings =
    state !== null && typeof state === 'object' && 'settings' in state ? state.settings : undefined;
  if (settings === null || typeof settings !== 'object') return undefined;
  return stringBag(Object.entries(settings).map(([key, value]) => [key, String(value)]));
}

function inverseEdit(
  before: StringBag,
  after: StringBag,
): {readonly put: StringBag; readonly remove: readonly string[]} {
  const put = Object.entries(before).filter(([key, value]) => after[key] !== value);
  const lost = put.find(([, value]) => value === hiddenSecretText);
  if (lost !== undefined) {
    throw new UsageError(`cannot restore "${lost[0]}": the journal masks values with secret names`, {
      hint: 'set the value again with gatectl settings set',
    });
  }
  return {put: stringBag(put), remove: Object.keys(after).filter((key) => !(key in before))};
}

/** Throws ConflictError if a setting has changed since, because the undo would also revert that change. */
function refuseChanged({settings}: Session, keys: readonly string[], after: StringBag): void {
  const changed = keys.find((key) => settings[key] !== after[key] && after[key] !== hiddenSecretText);
  if (changed === undefined) return;
  const valueText = (value: string | undefined): string =>
    value === undefined ? 'unset' : JSON.stringify(value);
  throw new ConflictError(
    `"${changed}" has changed since: it is ${valueText(settings[changed])}, expected ${valueText(after[changed])}`,
    {hint: 'to undo it anyway: --force'},
  );
}
