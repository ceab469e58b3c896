import {changeOne} from './change.js';
import {
  type ActionSpec,
  confirmationTier,
  dialogReason,
  missingReason,
  reasonField,
  selection,
  sessionOf,
  targetLabel,
} from './spec.js';
import {writeToAll} from './write-to-all.js';

/** Clears the uid. */
export const unbind: ActionSpec = {
  kind: 'unbind',
  title: (subject) => `unbind ${targetLabel(subject)}`,
  fields: ({state}) => reasonField(state),
  fault: missingReason,
  preview: (_, subject) => {
    const uid = sessionOf(subject)?.userId;
    if (uid === undefined)
      return [{text: `${subject.targets.filter((one) => one.uid !== '').length} of them are bound`}];
    return [{text: uid === '' ? 'it is a guest already' : `uid: ${uid} -> (guest)`}];
  },
  tier: (subject) => {
    const tier = confirmationTier('unbind', subject, false);
    return tier.ask === 'nothing' ? {ask: 'yes', question: `unbind ${targetLabel(subject)}?`} : tier;
  },
  command: (_, subject) => ['unbind', ...selection(subject)],
  run: async (values, subject, job) => {
    const write = {path: 'unbind', reason: dialogReason(values, subject)};
    if (subject.targets.length > 1)
      return await writeToAll({...write, input: {}}, {verb: 'unbind'}, subject, job);
    const [session = ''] = selection(subject);
    return await changeOne({...write, input: {session}}, job, () => job.doors.cluster.unbind(session));
  },
};
