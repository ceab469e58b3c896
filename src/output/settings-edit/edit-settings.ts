import {ConflictError, DeclinedError, UsageError} from '../../base/errors.js';
import type {StringBag} from '../../session/session.js';
import {
  applyEdit,
  conflictsWith,
  editBetween,
  isEmptyEdit,
  type SettingConflict,
  type SettingsEdit,
} from '../../session/settings-edit.js';
import {
  conflictDocument,
  parseSettingsDocument,
  replaceComments,
  settingsDocument,
  withoutComments,
} from './settings-document.js';

/** Dependencies of a settings edit, implemented by the command line and the dashboard. */
interface EditDeps<Saved> {
  /** Gate and session, for the first line of the text. */
  readonly title: string;
  /** Opens a text in the operator's editor and resolves with the edited text. Rejects if the editor fails. */
  readonly open: (text: string) => Promise<string>;
  /** Sends an edit. Resolves with the gate's reply, or with the current settings if one differs from what the edit expects. */
  readonly save: (edit: SettingsEdit) => Promise<{readonly saved: Saved} | {readonly now: StringBag}>;
}

interface Round {
  readonly base: StringBag;
  readonly text: string;
  /** The reason for opening the text again. */
  readonly trouble?: UsageError | ConflictError;
}

/**
 * Opens settings in an editor, again after each error or conflict, until they are saved. Resolves with the reply, or undefined
 * without a change. Rejects with the UsageError or ConflictError if the operator leaves a reopened text unchanged, and with
 * DeclinedError if they leave it empty.
 */
export async function editSettings<Saved>(
  settings: StringBag,
  deps: EditDeps<Saved>,
): Promise<Saved | undefined> {
  let round: Round = {base: settings, text: settingsDocument(settings, usualComments(deps.title))};
  for (;;) {
    const text = await deps.open(round.text);
    if (withoutComments(text).trim() === '') throw new DeclinedError('the text is empty; nothing was sent');
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
    return await send(editBetween(base, parseSettingsDocument(text)), deps);
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

/** Sends an edit. Keeps concurrent changes to other settings; opens the text again for changes to the same ones. */
async function send<Saved>(
  edit: SettingsEdit,
  deps: EditDeps<Saved>,
): Promise<{readonly saved: Saved | undefined} | Round> {
  let pending = edit;
  for (;;) {
    if (isEmptyEdit(pending)) return {saved: undefined};
    const answer = await deps.save(pending);
    if ('saved' in answer) return answer;
    const conflicts = conflictsWith(pending, answer.now);
    const both = applyEdit(answer.now, pending);
    if (conflicts.length > 0) return conflictRound(answer.now, both, conflicts, deps.title);
    pending = editBetween(answer.now, both); // the rest was changed to the same values
  }
}

function conflictRound(
  now: StringBag,
  both: StringBag,
  conflicts: readonly SettingConflict[],
  title: string,
): Round {
  const trouble = new ConflictError(`changed meanwhile: ${conflicts.map(conflictText).join('; ')}`);
  const comments = [
    'CHANGED MEANWHILE, nothing was sent:',
    ...conflicts.map((conflict) => `  ${conflictText(conflict)}`),
    'Keep one value of each ("gate" is what it is now, null is not there), as a string, or remove the line.',
    'Leave the text as it is to give up.',
    title,
  ];
  return {base: now, text: conflictDocument(both, conflicts, comments), trouble};
}

function conflictText({key, before, mine, theirs}: SettingConflict): string {
  return `"${key}" was ${valueText(before)}, you want ${valueText(mine)}, the gate has ${valueText(theirs)}`;
}

const valueText = (value: string | undefined): string =>
  value === undefined ? 'not there' : JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);

const usualComments = (title: string): readonly string[] => [
  title,
  'A JSON object of texts. Only what you change is sent; a line that you remove is a setting that is removed.',
  'Leave it as it is, or empty, to send nothing.',
];

function troubleComments(error: UsageError): readonly string[] {
  return [
    `NOT SENT: ${error.message}`,
    ...(error.hint === undefined ? [] : [`  ${error.hint}`]),
    'Mend it, or leave the text as it is to give up.',
  ];
}
