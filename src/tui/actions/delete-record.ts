import {ExitCode, NegativeError} from '../../base/errors.js';
import type {LocatedRecord} from '../../cluster/cluster.js';
import {formatPlural} from '../../output/text/humanize.js';
import {currentScreen} from '../model/state.js';
import {
  type ActionSpec,
  type ActionSubject,
  missingReasonError,
  reasonFields,
  reasonToRecord,
} from './action-spec.js';

/** Deletes the record of a uid. Fails if the uid is online. */
export const deleteRecordAction: ActionSpec = {
  kind: 'delete-record',
  title: ({uid = ''}) => `delete the record of ${uid}`,
  fields: ({state}) => reasonFields(state),
  validate: missingReasonError,
  preview: (_, subject) => {
    const record = knownRecord(subject);
    const settings = Object.keys(record?.session?.settings ?? {}).length;
    const what =
      record === undefined
        ? ''
        : `: ${formatPlural(record.value.length, 'byte')}, ${formatPlural(settings, 'setting')}, revision ${record.revision}`;
    return [{text: `deletes the record of ${subject.uid ?? ''} permanently${what}`}];
  },
  fetchPreview: async (_, {uid = ''}, {cluster}) => {
    const gates = await cluster.online(uid);
    if (gates.length === 0) return [{text: `${uid} is not online`, tone: 'dim'}];
    return [
      {
        text: `${uid} is online on ${gates.join(', ')}: kick it first, or the gate stores the record again`,
        tone: 'warn',
      },
    ];
  },
  confirmation: ({uid = ''}) => ({
    ask: 'yes',
    question: `delete the record of uid "${uid}" from the storage of the gates?`,
  }),
  command: (_, {uid = ''}) => ['records', 'delete', uid],
  run: async (values, subject, {deps}) => {
    const {uid = ''} = subject;
    let deletedBy: readonly string[] = [];
    const write = {path: 'records delete', input: {uid}, reason: reasonToRecord(values, subject)};
    await deps.runWrite(write, async (notes) => {
      const online = await deps.cluster.online(uid);
      if (online.length > 0)
        throw new NegativeError(`"${uid}" is online on ${online.join(', ')}`, {
          hint: 'kick the session first',
        });
      // Delete only the displayed revision, never a newer record.
      const revision = knownRecord(subject)?.revision || undefined;
      ({deletedBy} = await deps.cluster.records.delete(uid, revision));
      notes.addChange(`record ${uid}`, {revision}, {deletedBy});
      return ExitCode.done;
    });
    return {tone: 'good', lines: [`deleted by ${deletedBy.join(', ')}`]};
  },
};

/** Returns the record as displayed on the screen where the action was opened. */
function knownRecord({state, uid}: ActionSubject): LocatedRecord | undefined {
  const {shown, rows} = state.records;
  switch (currentScreen(state).name) {
    case 'record':
      return shown?.uid === uid ? shown?.record : undefined;
    case 'session':
      return state.detail?.record?.uid === uid ? state.detail?.record : undefined;
    default:
      return rows.find((record) => record.uid === uid);
  }
}
