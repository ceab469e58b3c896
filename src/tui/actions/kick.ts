import {ExitCode} from '../../base/errors.js';
import {plural} from '../../output/text/humanize.js';
import {
  type ActionSpec,
  confirmationFor,
  dialogReason,
  missingReason,
  reasonField,
  selectionWords,
  targetLabel,
} from './action-spec.js';
import {writeToAll} from './write-to-all.js';

const waitMs = 5000;

/** Closes connections and verifies that the sessions are gone. */
export const kickAction: ActionSpec = {
  kind: 'kick',
  title: (subject) => `kick ${targetLabel(subject)}`,
  fields: ({state}) => reasonField(state),
  validate: missingReason,
  preview: (_, {targets}) => {
    const gates = new Set(targets.map(({node}) => node));
    return [
      {
        text: `closes ${plural(targets.length, 'connection')} on ${plural(gates.size, 'gate')}; clients may reconnect`,
      },
    ];
  },
  confirmation: (subject) => {
    const tier = confirmationFor('kick', subject, true);
    return tier.ask === 'yes' ? {...tier, question: `kick ${targetLabel(subject)}?`} : tier;
  },
  command: (_, subject) => ['sessions', 'kick', ...selectionWords(subject)],
  run: async (values, subject, job) => {
    const write = {path: 'sessions kick', reason: dialogReason(values, subject)};
    const [only] = subject.targets;
    if (only === undefined || subject.targets.length > 1)
      return await writeToAll({...write, input: {}}, {verb: 'kick', waitMs}, subject, job);
    const reference = `${only.node}/${only.id}`;
    const code = await job.deps.runWrite({...write, input: {session: reference}}, async (notes) => {
      const {state} = await job.deps.cluster.kick(reference, {waitMs});
      notes.addChange(reference, {uid: only.uid}, state);
      return state === 'closed' ? ExitCode.done : ExitCode.outcomeUnknown;
    });
    if (code === ExitCode.done) return {tone: 'good', lines: ['closed, session removed']};
    return {tone: 'warn', lines: ['kick accepted, but the session is still on the gate']};
  },
};
