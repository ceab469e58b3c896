import {parseUid} from '../../cluster/write-input.js';
import {NegativeError} from '../../errors.js';
import type {PreviewLine} from '../dialog.js';
import type {Doors} from '../doors.js';
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
  whom,
} from './spec.js';

/** Binds one session to a uid. */
export const bind: ActionSpec = {
  kind: 'bind',
  title: (subject) => `bind ${whom(subject)}`,
  fields: ({state}) => [textField('uid', 'uid', '', 'the user id to bind it to'), ...reasonField(state)],
  fault: ({uid = '', ...values}) => faultText(() => parseUid(uid)) ?? missingReason(values),
  preview: ({uid = ''}, subject) => {
    const before = sessionOf(subject)?.userId ?? '';
    if (uid === '') return [{text: 'type a uid', tone: 'dim'}];
    return [{text: `uid: ${before === '' ? '(guest)' : before} -> ${uid}`}];
  },
  look: async ({uid = ''}, subject, doors) => (uid === '' ? [] : await mergePreview(uid, subject, doors)),
  tier: () => ({ask: 'nothing'}),
  command: ({uid = ''}, subject) => ['bind', ...selection(subject), uid],
  run: async (values, subject, job) => {
    const {uid = ''} = values;
    const [session = ''] = selection(subject);
    const write = {path: 'bind', input: {session, uid}, reason: reasonOf(values, subject)};
    return await changeOne(write, job, () => job.doors.cluster.bind(session, uid));
  },
};

/**
 * What the merge of a bind brings: settings of the record come in where the connection has none of that key, its own
 * stay (mqant: gate/base/gate_handler.go, Bind).
 */
async function mergePreview(uid: string, subject: Subject, doors: Doors): Promise<readonly PreviewLine[]> {
  const session = sessionOf(subject);
  const [record, online] = await Promise.all([recordOf(uid, doors), onlineText(uid, doors)]);
  const own = Object.entries(session?.settings ?? {});
  const here = new Set(own.map(([key]) => key));
  const coming = record?.filter(([key]) => !here.has(key)) ?? [];
  const isRebind = session !== undefined && session.userId !== '' && session.userId !== uid;
  return [
    ...(record === undefined
      ? [{text: `there is no record of ${uid}`, tone: 'dim'} as const]
      : coming.map(([key, value]) => ({text: `+ settings.${key} = ${value}  (from the record)`}))),
    ...(isRebind && own.length > 0
      ? [
          {
            text: `${own.length} settings of ${session.userId} stay on the session, and go into the record of ${uid}`,
            tone: 'warn',
          } as const,
        ]
      : []),
    ...(online === undefined ? [] : [{text: online, tone: 'warn'} as const]),
  ];
}

async function recordOf(
  uid: string,
  {cluster}: Doors,
): Promise<readonly (readonly [string, string])[] | undefined> {
  try {
    const {session} = await cluster.records.get(uid);
    return Object.entries(session?.settings ?? {});
  } catch (error) {
    if (error instanceof NegativeError) return undefined;
    throw error;
  }
}

async function onlineText(uid: string, {cluster}: Doors): Promise<string | undefined> {
  const gates = await cluster.online(uid);
  return gates.length === 0
    ? undefined
    : `${uid} is online already, on ${gates.join(', ')}: it will be there twice`;
}
