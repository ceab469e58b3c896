import {ConflictError, SettingsConflictError} from '../../base/errors.js';
import {parseUtf8Text} from '../../cluster/write/parse-write-input.js';
import {stringBag} from '../../session/session.js';
import {cursorSettingName, displayedSessionReference, targetReference} from '../model/action-targets.js';
import type {DialogFieldValues, PreviewLine} from '../model/dialog-types.js';
import {
  type ActionSpec,
  type ActionSubject,
  confirmationByCount,
  dialogTextField,
  loadedSessionOfTarget,
  missingReasonError,
  reasonFields,
  reasonToRecord,
  targetArguments,
  targetLabel,
} from './action-spec.js';
import {changeOneSession} from './change-one-session.js';
import {parseErrorMessage} from './error-lines.js';
import {writeToAllTargets} from './write-to-all-targets.js';

/** Returns the setting under the cursor if the action targets the displayed session. */
function pointed(subject: ActionSubject): {readonly key: string; readonly value: string} {
  const {state, targets} = subject;
  const [only] = targets;
  const isShown =
    only !== undefined && targets.length === 1 && displayedSessionReference(state) === targetReference(only);
  const key = isShown ? (cursorSettingName(state) ?? '') : '';
  return {key, value: loadedSessionOfTarget(subject)?.settings[key] ?? ''};
}

function keyFault(key: string): string | undefined {
  if (key === '') return 'missing setting name';
  return key.includes('=') ? `invalid setting name "${key}": contains =` : undefined;
}

/** Splits `level=12`, typed or pasted as a name, into name and value. */
function splitPair(values: DialogFieldValues): DialogFieldValues {
  const {key = ''} = values;
  const at = key.indexOf('=');
  if (at < 0) return values;
  const value = key.slice(at + 1);
  return {...values, key: key.slice(0, at).trim(), ...(value === '' ? {} : {value})};
}

/** Sets one setting and keeps the others. */
export const setAction: ActionSpec = {
  kind: 'set',
  title: (subject) => `set a setting of ${targetLabel(subject)}`,
  fields: (subject) => {
    const {key, value} = pointed(subject);
    return [
      dialogTextField('key', 'setting', key, 'name of the setting'),
      dialogTextField('value', 'value', value, 'new value'),
      ...reasonFields(subject.state),
    ];
  },
  initialField: (subject) => (pointed(subject).key === '' ? undefined : 'value'),
  updateFields: (before, typed, subject) => {
    const after = splitPair(typed);
    const there = ({key = ''}: DialogFieldValues): string =>
      loadedSessionOfTarget(subject)?.settings[key] ?? '';
    const isUntouched = after['value'] === before['value'] && before['value'] === there(before);
    return isUntouched ? {...after, value: there(after)} : after;
  },
  validate: ({key = '', value = '', ...values}) =>
    keyFault(key) ?? parseErrorMessage(() => parseUtf8Text(key + value)) ?? missingReasonError(values),
  preview: ({key = '', value = ''}, subject) => [settingChange(key, value, subject)],
  confirmation: (subject) => confirmationByCount('set', subject, false),
  command: ({key = '', value = ''}, subject) => withSelection('settings set', subject, [`${key}=${value}`]),
  run: async (values, subject, job) => {
    const {key = '', value = ''} = values;
    const entries = stringBag([[key, value]]);
    const write = {path: 'settings set', reason: reasonToRecord(values, subject)};
    const input = inputOf(subject, [`${key}=${value}`]);
    if (subject.targets.length > 1)
      return await writeToAllTargets({...write, input}, {verb: 'set', entries}, subject, job);
    const [session = ''] = targetArguments(subject);
    return await changeOneSession({...write, input}, job, () =>
      job.deps.cluster.setSettings(session, entries),
    );
  },
};

/** Removes one setting. */
export const unsetAction: ActionSpec = {
  kind: 'unset',
  title: (subject) => `remove a setting of ${targetLabel(subject)}`,
  fields: (subject) => [
    dialogTextField('key', 'setting', pointed(subject).key, 'name of the setting'),
    ...reasonFields(subject.state),
  ],
  validate: ({key = '', ...values}, subject) =>
    keyFault(key) ?? missingSetting(key, subject) ?? missingReasonError(values),
  preview: ({key = ''}, subject) => [settingChange(key, undefined, subject)],
  confirmation: (subject, {key = ''}) => {
    const isSeen = key !== '' && pointed(subject).key === key; // the value is on screen and in the preview
    const tier = confirmationByCount('unset', subject, !isSeen);
    return tier.ask === 'yes' ? {...tier, question: `remove ${whatGoes(key, subject)}?`} : tier;
  },
  command: ({key = ''}, subject) => withSelection('settings unset', subject, [key]),
  run: async (values, subject, job) => {
    const {key = ''} = values;
    const write = {path: 'settings unset', reason: reasonToRecord(values, subject)};
    const input = inputOf(subject, [key]);
    if (subject.targets.length > 1)
      return await writeToAllTargets({...write, input}, {verb: 'unset', keys: [key]}, subject, job);
    const [session = ''] = targetArguments(subject);
    const {cluster} = job.deps;
    const shown = settingOf(key, subject);
    if (shown === undefined)
      return await changeOneSession({...write, input}, job, () => cluster.unsetSettings(session, [key]));
    // Remove the setting only if it still has the displayed value.
    const edit = {set: stringBag(), unset: [key], expected: stringBag([[key, shown]])};
    return await changeOneSession({...write, input}, job, () =>
      unlessChanged(key, () => cluster.editSettings(session, edit)),
    );
  },
};

/** Returns the setting's value if there is a single target and it is loaded. */
function settingOf(key: string, subject: ActionSubject): string | undefined {
  const settings = loadedSessionOfTarget(subject)?.settings;
  return settings !== undefined && Object.hasOwn(settings, key) ? settings[key] : undefined;
}

/** Describes a removal: the setting and its value, or the number of sessions. */
function whatGoes(key: string, subject: ActionSubject): string {
  if (subject.targets.length > 1) return `settings.${key} of ${targetLabel(subject)}`;
  const value = settingOf(key, subject);
  return value === undefined ? `settings.${key}` : `settings.${key} = ${JSON.stringify(value)}`;
}

function missingSetting(key: string, subject: ActionSubject): string | undefined {
  const isKnown = loadedSessionOfTarget(subject) !== undefined;
  return isKnown && settingOf(key, subject) === undefined ? `the session has no setting "${key}"` : undefined;
}

async function unlessChanged<T>(key: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    if (!(cause instanceof SettingsConflictError)) throw cause;
    throw new ConflictError(`settings.${key} changed meanwhile: nothing was removed`, {cause});
  }
}

function settingChange(key: string, value: string | undefined, subject: ActionSubject): PreviewLine {
  if (key === '') return {text: 'type a setting name', tone: 'dim'};
  const session = loadedSessionOfTarget(subject);
  const to = value ?? '(none)';
  if (session === undefined) return {text: `settings.${key}: -> ${to} on each`};
  const from = Object.hasOwn(session.settings, key) ? session.settings[key] : '(none)';
  return {text: from === to ? `settings.${key} is ${to} already` : `settings.${key}: ${from} -> ${to}`};
}

function withSelection(path: string, subject: ActionSubject, words: readonly string[]): readonly string[] {
  return [...path.split(' '), ...targetArguments(subject), ...words];
}

/** Returns the input of the equivalent command, so that the journal can mask secrets. */
function inputOf(
  subject: ActionSubject,
  words: readonly string[],
): DialogFieldValues | Readonly<Record<string, unknown>> {
  return {args: subject.targets.length > 1 ? words : [...targetArguments(subject), ...words]};
}
