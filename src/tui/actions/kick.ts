import {ExitCode} from '../../errors.js';
import {plural} from '../../output/human.js';
import {type ActionSpec, missingReason, reasonField, reasonOf, selection, tierOf, whom} from './spec.js';
import {writeToAll} from './write-to-all.js';

const waitMs = 5000;

/** Closes connections, and verifies that they are gone. */
export const kick: ActionSpec = {
  kind: 'kick',
  title: (subject) => `kick ${whom(subject)}`,
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
    const tier = tierOf('kick', subject, true);
    return tier.ask === 'yes' ? {...tier, question: `kick ${whom(subject)}?`} : tier;
  },
  command: (_, subject) => ['sessions', 'kick', ...selection(subject)],
  run: async (values, subject, job) => {
    const write = {path: 'sessions kick', reason: reasonOf(values, subject)};
    const [only] = subject.targets;
    if (only === undefined || subject.targets.length > 1)
      return await writeToAll({...write, input: {}}, {verb: 'kick', waitMs}, subject, job);
    const reference = `${only.node}/${only.id}`;
    const code = await job.doors.act({...write, input: {session: reference}}, async (notes) => {
      const {state} = await job.doors.cluster.kick(reference, {waitMs});
      notes.change(reference, {uid: only.uid}, state);
      return state === 'closed' ? ExitCode.done : ExitCode.outcomeUnknown;
    });
    if (code === ExitCode.done) return {tone: 'good', lines: ['closed, and gone from the gate']};
    return {tone: 'warn', lines: ['the gate said yes, but still has the session']};
  },
};
