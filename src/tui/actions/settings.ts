import {parseText} from '../../cluster/write-input.js';
import {stringBag} from '../../session/session.js';
import type {PreviewLine, Values} from '../dialog.js';
import {cursorSetting} from '../targets.js';
import {changeOne} from './change.js';
import {faultText} from './fault-text.js';
import {
  type ActionSpec,
  missingReason,
  reasonField,
  reasonOf,
  type Subject,
  selection,
  sessionOf,
  textField,
  tierOf,
  whom,
} from './spec.js';
import {writeToAll} from './write-to-all.js';

/** The setting under the cursor, so that it is there to be changed. */
function pointed({state}: Subject): {readonly key: string; readonly value: string} {
  const key = cursorSetting(state) ?? '';
  return {key, value: state.detail?.session?.settings[key] ?? ''};
}

function keyFault(key: string): string | undefined {
  if (key === '') return 'the name of the setting is missing';
  return key.includes('=') ? `"${key}" has an = in it` : undefined;
}

/** Sets one setting, leaving the others. */
export const setSetting: ActionSpec = {
  kind: 'set',
  title: (subject) => `set a setting of ${whom(subject)}`,
  fields: (subject) => {
    const {key, value} = pointed(subject);
    return [
      textField('key', 'setting', key, 'its name'),
      textField('value', 'value', value, 'what it becomes'),
      ...reasonField(subject.state),
    ];
  },
  follow: (before, after, subject) => {
    const there = ({key = ''}: Values): string => sessionOf(subject)?.settings[key] ?? '';
    const isUntouched = after['value'] === before['value'] && before['value'] === there(before);
    return isUntouched ? {...after, value: there(after)} : after;
  },
  fault: ({key = '', value = '', ...values}) =>
    keyFault(key) ?? faultText(() => parseText(key + value)) ?? missingReason(values),
  preview: ({key = '', value = ''}, subject) => [settingChange(key, value, subject)],
  tier: (subject) => tierOf('set', subject, false),
  command: ({key = '', value = ''}, subject) => withSelection('settings set', subject, [`${key}=${value}`]),
  run: async (values, subject, job) => {
    const {key = '', value = ''} = values;
    const entries = stringBag([[key, value]]);
    const write = {path: 'settings set', reason: reasonOf(values, subject)};
    const input = inputOf(subject, [`${key}=${value}`]);
    if (subject.targets.length > 1)
      return await writeToAll({...write, input}, {verb: 'set', entries}, subject, job);
    const [session = ''] = selection(subject);
    return await changeOne({...write, input}, job, () => job.doors.cluster.setSettings(session, entries));
  },
};

/** Removes one setting. */
export const unsetSetting: ActionSpec = {
  kind: 'unset',
  title: (subject) => `remove a setting of ${whom(subject)}`,
  fields: (subject) => [
    textField('key', 'setting', pointed(subject).key, 'its name'),
    ...reasonField(subject.state),
  ],
  fault: ({key = '', ...values}) => keyFault(key) ?? missingReason(values),
  preview: ({key = ''}, subject) => [settingChange(key, undefined, subject)],
  tier: (subject) => tierOf('unset', subject, false),
  command: ({key = ''}, subject) => withSelection('settings unset', subject, [key]),
  run: async (values, subject, job) => {
    const {key = ''} = values;
    const write = {path: 'settings unset', reason: reasonOf(values, subject)};
    const input = inputOf(subject, [key]);
    if (subject.targets.length > 1)
      return await writeToAll({...write, input}, {verb: 'unset', keys: [key]}, subject, job);
    const [session = ''] = selection(subject);
    return await changeOne({...write, input}, job, () => job.doors.cluster.unsetSettings(session, [key]));
  },
};

function settingChange(key: string, value: string | undefined, subject: Subject): PreviewLine {
  if (key === '') return {text: 'type the name of a setting', tone: 'dim'};
  const session = sessionOf(subject);
  const to = value ?? '(none)';
  if (session === undefined) return {text: `settings.${key}: -> ${to} on each`};
  const from = Object.hasOwn(session.settings, key) ? session.settings[key] : '(none)';
  return {text: from === to ? `settings.${key} is ${to} already` : `settings.${key}: ${from} -> ${to}`};
}

function withSelection(path: string, subject: Subject, words: readonly string[]): readonly string[] {
  return [...path.split(' '), ...selection(subject), ...words];
}

/** As the command's own words, whose secrets the journal knows to hide. */
function inputOf(subject: Subject, words: readonly string[]): Values | Readonly<Record<string, unknown>> {
  return {word: subject.targets.length > 1 ? words : [...selection(subject), ...words]};
}
