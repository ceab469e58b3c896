import {
  type ActionSpec,
  confirmationFor,
  dialogReason,
  knownSession,
  missingReason,
  reasonField,
  selectionWords,
  targetLabel,
} from './action-spec.js';
import {changeOneSession} from './change-one-session.js';
import {writeToAll} from './write-to-all.js';

/** Unbinds sessions from their uid. */
export const unbindAction: ActionSpec = {
  kind: 'unbind',
  title: (subject) => `unbind ${targetLabel(subject)}`,
  fields: ({state}) => reasonField(state),
  validate: missingReason,
  preview: (_, subject) => {
    const uid = knownSession(subject)?.userId;
    if (uid === undefined)
      return [{text: `${subject.targets.filter((one) => one.uid !== '').length} of them bound`}];
    return [{text: uid === '' ? 'already a guest' : `uid: ${uid} -> (guest)`}];
  },
  confirmation: (subject) => {
    const tier = confirmationFor('unbind', subject, false);
    return tier.ask === 'nothing' ? {ask: 'yes', question: `unbind ${targetLabel(subject)}?`} : tier;
  },
  command: (_, subject) => ['unbind', ...selectionWords(subject)],
  run: async (values, subject, job) => {
    const write = {path: 'unbind', reason: dialogReason(values, subject)};
    if (subject.targets.length > 1)
      return await writeToAll({...write, input: {}}, {verb: 'unbind'}, subject, job);
    const [session = ''] = selectionWords(subject);
    return await changeOneSession({...write, input: {session}}, job, () => job.deps.cluster.unbind(session));
  },
};
