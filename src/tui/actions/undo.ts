import {changedSessionValues} from '../../presentation/session-change-fields.js';
import {settingsEditBetween} from '../../session/settings-edit.js';
import {
  type ActionSpec,
  missingReasonError,
  reasonFields,
  reasonToRecord,
  targetLabel,
} from './action-spec.js';
import {changeOneSession} from './change-one-session.js';

/**
 * Reverts the last settings change made in this dashboard, unless the settings have changed since.
 */
export const undoAction: ActionSpec = {
  kind: 'undo',
  title: (subject) => `undo the last settings change of ${targetLabel(subject)}`,
  fields: ({state}) => reasonFields(state),
  validate: missingReasonError,
  preview: (_, {state: {lastChange}}) => {
    if (lastChange === undefined) return [];
    return changedSessionValues(lastChange.after, lastChange.before).map(({name, from, to}) => ({
      text: `${name}: ${from ?? '(none)'} -> ${to ?? '(none)'}`,
    }));
  },
  confirmation: () => ({ask: 'yes', question: 'restore these settings?'}),
  command: (_, {state: {lastChange}}) => ['settings', 'undo', lastChange?.reference ?? ''],
  run: async (values, subject, job) => {
    const {lastChange} = subject.state;
    if (lastChange === undefined) return {tone: 'warn', lines: ['nothing to undo']};
    const {reference, before, after} = lastChange;
    const write = {
      path: 'settings undo',
      input: {session: reference},
      reason: reasonToRecord(values, subject),
    };
    const edit = settingsEditBetween(after.settings, before.settings);
    return await changeOneSession(write, job, () => job.deps.cluster.editSettings(reference, edit));
  },
};
