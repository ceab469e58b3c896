import {ConflictError, DeclinedError, UsageError} from '../../base/errors.js';
import type {StringBag} from '../../session/session.js';
import {
  applySettingsEdit,
  isEmptySettingsEdit,
  type SettingConflict,
  type SettingsEdit,
  settingConflicts,
  settingsEditBetween,
} from '../../session/settings-edit.js';
import {
  formatConflictDocument,
  formatSettingsDocument,
  parseSettingsDocument,
  removeComments,
  replaceComments,
} from './settings-document.js';

/** Dependencies of a settings edit, implemented by the command line and the dashboard. */
interface EditDeps<Saved> {
  /** Gate and session, for the first line of the document. */
  readonly title: string;
  /** Opens a text in the operator's editor. Returns the edited text. Rejects if the editor fails. */
  readonly open: (text: string) => Promise<string>;
  /** Sends an edit. Returns the gate's reply, or the current settings if they differ from what the edit expects. */
  readonly save: (edit: SettingsEdit) => Promise<{readonly saved: Saved} | {readonly now: StringBag}>;
}

interface Round {
  readonly base: StringBag;
  readonly text: string;
  /** Why the document is opened again. */
  readonly trouble?: UsageError | ConflictError;
}

/**
 * Opens settings in an editor, and again after each error or conflict, until they are saved. Returns the reply; undefined if
 * nothing changed. If the operator leaves a reopened document unchanged, rejects with the UsageError or ConflictError that it
 * shows. Rejects with DeclinedError for an empty document.
 */
export async function editSettings<Saved>(
  settings: StringBag,
  deps: EditDeps<Saved>,
): Promise<Saved | undefined> {
  let round: Round = {base: settings, text: formatSettingsDocument(settings, usualComments(deps.title))};
  for (;;) {
    const text = await deps.open(round.text);
    if (removeComments(text).trim() === '')
      throw new DeclinedError('the document is empty; nothing was sent');
    if (round.trouble !== undefined && text === round.text) throw round.trouble;
    const next = await attempt(round, text, deps);
    if ('saved' in next) return next.saved;
    round = next;
  }
}

async function attempt<Saved>(
  {base, trouble}: Round,
  text: string,
  deps: EditDeps<Saved>,
): Promise<{readonly saved: Saved | undefined} | Round> {
  try {
    return await send(settingsEditBetween(base, parseSettingsDocument(text)), deps);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const comments = [...troubleComments(error), deps.title];
    return {
      base,
      text: replaceComments(text, comments),
      trouble: trouble instanceof ConflictError ? trouble : error,
    };
  }
}

/** Sends an edit. Keeps concurrent changes to other settings. Returns a round to edit again if the same settings changed. */
async function send<Saved>(
  edit: SettingsEdit,
  deps: EditDeps<Saved>,
): Promise<{readonly saved: Saved | undefined} | Round> {
  let pending = edit;
  for (;;) {
    if (isEmptySettingsEdit(pending)) return {saved: undefined};
    const answer = await deps.save(pending);
    if ('saved' in answer) return answer;
    const conflicts = settingConflicts(pending, answer.now);
    const both = applySettingsEdit(answer.now, pending);
    if (conflicts.length > 0) return conflictRound(answer.now, both, conflicts, deps.title);
    pending = settingsEditBetween(answer.now, both); // the rest has concurrently been set to the same values
  }
}

function conflictRound(
  now: StringBag,
  both: StringBag,
  conflicts: readonly SettingConflict[],
  title: string,
): Round {
  const trouble = new ConflictError(`changed concurrently: ${conflicts.map(conflictText).join('; ')}`);
  const comments = [
    'CHANGED CONCURRENTLY, nothing was sent:',
    ...conflicts.map((conflict) => `  ${conflictText(conflict)}`),
    'For each setting, keep one value as a string, or remove the line. "gate" is the current value; null means unset.',
    'To give up, leave the text unchanged.',
    title,
  ];
  return {base: now, text: formatConflictDocument(both, conflicts, comments), trouble};
}

function conflictText({key, before, mine, theirs}: SettingConflict): string {
  return `"${key}" was ${valueText(before)}, you set ${valueText(mine)}, the gate has ${valueText(theirs)}`;
}

const valueText = (value: string | undefined): string =>
  value === undefined ? 'unset' : JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);

const usualComments = (title: string): readonly string[] => [
  title,
  'A JSON object of strings. Only your changes are sent. To remove a setting, remove its line.',
  'To send nothing, leave it unchanged or empty.',
];

function troubleComments(error: UsageError): readonly string[] {
  return [
    `NOT SENT: ${error.message}`,
    ...(error.hint === undefined ? [] : [`  ${error.hint}`]),
    'Fix it, or leave the text unchanged to give up.',
  ];
}
