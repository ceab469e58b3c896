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

/** What the edit of a session's settings needs from those who run it: the command line, or the dashboard. */
export interface EditDeps<Saved> {
  /** The gate and the session, for the first line of the text. */
  readonly title: string;
  /** Shows a text in the operator's editor; resolves with what he left. Rejects when the editor failed. */
  readonly open: (text: string) => Promise<string>;
  /** Sends it: what the gate says of it, or its settings where one of them is not as the edit expects. */
  readonly save: (edit: SettingsEdit) => Promise<{readonly saved: Saved} | {readonly now: StringBag}>;
}

interface Round {
  readonly base: StringBag;
  readonly text: string;
  /** Why it was opened again. */
  readonly trouble?: UsageError | ConflictError;
}

/**
 * Lets an operator edit settings as a text until it is right and nobody else has changed the same ones. Resolves with
 * what was saved, or undefined when nothing was changed. Rejects with UsageError or ConflictError when he gives up
 * (leaves the text as it was opened again), and DeclinedError when he leaves none.
 */
export async function editSettings<Saved>(
  settings: StringBag,
  doors: EditDeps<Saved>,
): Promise<Saved | undefined> {
  let round: Round = {base: settings, text: settingsDocument(settings, usualComments(doors.title))};
  for (;;) {
    const text = await doors.open(round.text);
    if (withoutComments(text).trim() === '') throw new DeclinedError('the text is empty; nothing was sent');
    if (round.trouble !== undefined && text === round.text) throw round.trouble;
    const next = await attempt(round, text, doors);
    if ('saved' in next) return next.saved;
    round = next;
  }
}

async function attempt<Saved>(
  {base, trouble}: Round,
  text: string,
  doors: EditDeps<Saved>,
): Promise<{readonly saved: Saved | undefined} | Round> {
  try {
    return await send(editBetween(base, parseSettingsDocument(text)), doors);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const comments = [...troubleComments(error), doors.title];
    return {
      base,
      text: replaceComments(text, comments),
      trouble: trouble instanceof ConflictError ? trouble : error,
    };
  }
}

/** What others changed beside the edit is theirs, and the edit goes on; what both changed is asked about. */
async function send<Saved>(
  edit: SettingsEdit,
  doors: EditDeps<Saved>,
): Promise<{readonly saved: Saved | undefined} | Round> {
  let wanted = edit;
  for (;;) {
    if (isEmptyEdit(wanted)) return {saved: undefined};
    const answer = await doors.save(wanted);
    if ('saved' in answer) return answer;
    const conflicts = conflictsWith(wanted, answer.now);
    const both = applyEdit(answer.now, wanted);
    if (conflicts.length > 0) return conflictRound(answer.now, both, conflicts, doors.title);
    wanted = editBetween(answer.now, both); // both did the same
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
    'Keep one value of each ("gate" is what it is now, null is not there), as a text, or remove the line.',
    'Leave the text as it is to give up.',
    title,
  ];
  return {base: now, text: conflictDocument(both, conflicts, comments), trouble};
}

function conflictText({key, before, mine, theirs}: SettingConflict): string {
  return `"${key}" was ${said(before)}, you want ${said(mine)}, the gate has ${said(theirs)}`;
}

const said = (value: string | undefined): string =>
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
