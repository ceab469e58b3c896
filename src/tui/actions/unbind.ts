import {
  type ActionSpec,
  confirmationByCount,
  loadedSessionOfTarget,
  missingReasonError,
  reasonFields,
  reasonToRecord,
  targetArguments,
  targetLabel,
} from './action-spec.js';
import {changeOneSession} from './change-one-session.js';
import {writeToAllTargets} from './write-to-all-targets.js';

/** Unbinds sessions from their uid. */
export const unbindAction: ActionSpec = {
  kind: 'unbind',
  title: (subject) => `unbind ${targetLabel(subject)}`,
  fields: ({state}) => reasonFields(state),
  validate: missingReasonError,
  preview: (_, subject) => {
    const uid = loadedSessionOfTarget(subject)?.userId;
    if (uid === undefined)
      return [{text: `${subject.targets.filter((one) => one.uid !== '').length} of them bound`}];
    return [{text: uid === '' ? 'already a guest' : `uid: ${uid} -> (guest)`}];
  },
  confirmation: (subject) => {
    const tier = confirmationByCount('unbind', subject, false);
    return tier.ask === 'nothing' ? {ask: 'yes', question: `unbind ${targetLabel(subject)}?`} : tier;
  },
  command: (_, subject) => ['unbind', ...targetArguments(subject)],
  run: async (values, subject, job) => {
    const write = {path: 'unbind', reason: reasonToRecord(values, subject)};
    if (subject.targets.length > 1)
      return await writeToAllTargets({...write, input: {}}, {verb: 'unbind'}, subject, job);
    const [session = ''] = targetArguments(subject);
    return await changeOneSession({...write, input: {session}}, job, () => job.deps.cluster.unbind(session));
  },
};
