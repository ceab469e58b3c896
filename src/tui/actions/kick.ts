import {ExitCode} from '../../base/errors.js';
import {plural} from '../../output/text/humanize.js';
import {
  type ActionSpec,
  confirmationTier,
  dialogReason,
  missingReason,
  reasonField,
  selection,
  targetLabel,
} from './spec.js';
import {writeToAll} from './write-to-all.js';

const waitMs = 5000;

/** Closes connections, and verifies that they are gone. */
export const kick: ActionSpec = {
  kind: 'kick',
  title: (subject) => `kick ${targetLabel(subject)}`,
  fields: ({state}) => reasonField(state),
  fault: missingReason,
  preview: (_, {targets}) => {
    const gates = new Set(targets.map(({node}) => node));
    return [
      {
        text: `closes ${plural(targets.length, 'connection')} on ${plural(gates.size, 'gate')}; clients may come back`,
      },
    ];
  },
  tier: (subject) => {
    const tier = confirmationTier('kick', subject, true);
    return tier.ask === 'yes' ? {...tier, question: `kick ${targetLabel(subject)}?`} : tier;
  },
  command: (_, subject) => ['sessions', 'kick', ...selection(subject)],
  run: async (values, subject, job) => {
    const write = {path: 'sessions kick', reason: dialogReason(values, subject)};
    const [only] = subject.targets;
    if (only === undefined || subject.targets.length > 1)
      return await writeToAll({...write, input: {}}, {verb: 'kick', waitMs}, subject, job);
    const reference = `${only.node}/${only.id}`;
    const code = await job.doors.act({...write, input: {session: reference}}, async (notes) => {
      const {state} = await job.doors.cluster.kick(reference, {waitMs});
      notes.addChange(reference, {uid: only.uid}, state);
      return state === 'closed' ? ExitCode.done : ExitCode.outcomeUnknown;
    });
    if (code === ExitCode.done) return {tone: 'good', lines: ['closed, and gone from the gate']};
    return {tone: 'warn', lines: ['the gate said yes, but still has the session']};
  },
};
