import {type BindPlan, planBind} from '../../cluster/write/bind-plan.js';
import {executeBind} from '../../cluster/write/bind-policy.js';
import {parseUid} from '../../cluster/write/write-input.js';
import {bindWarnings} from '../../presentation/bind-warnings.js';
import type {PreviewLine} from '../model/dialog.js';
import {changeOne} from './change.js';
import {inputError} from './fault-text.js';
import {
  type ActionSpec,
  dialogReason,
  missingReason,
  reasonField,
  selection,
  sessionOf,
  targetLabel,
  textField,
} from './spec.js';

/** Binds one session to a uid; what the merge will do is looked up and shown first. */
export const bind: ActionSpec = {
  kind: 'bind',
  title: (subject) => `bind ${targetLabel(subject)}`,
  fields: ({state}) => [textField('uid', 'uid', '', 'the user id to bind it to'), ...reasonField(state)],
  fault: ({uid = '', ...values}) => inputError(() => parseUid(uid)) ?? missingReason(values),
  preview: ({uid = ''}, subject) => {
    const before = sessionOf(subject)?.userId ?? '';
    if (uid === '') return [{text: 'type a uid', tone: 'dim'}];
    return [{text: `uid: ${before === '' ? '(guest)' : before} -> ${uid}`}];
  },
  look: async ({uid = ''}, subject, {cluster}) => {
    const [session = ''] = selection(subject);
    return uid === '' ? [] : mergeLines(await planBind(cluster, session, {uid}));
  },
  tier: () => ({ask: 'nothing'}),
  command: ({uid = ''}, subject) => ['bind', ...selection(subject), uid],
  run: async (values, subject, job) => {
    const {uid = ''} = values;
    const {cluster} = job.doors;
    const [session = ''] = selection(subject);
    const write = {path: 'bind', input: {session, uid}, reason: dialogReason(values, subject)};
    return await changeOne(write, job, async () =>
      executeBind(cluster, await planBind(cluster, session, {uid}), {duplicate: 'allow'}),
    );
  },
};

/** In the words of the command line. */
function mergeLines(plan: BindPlan): readonly PreviewLine[] {
  const {notices, warnings} = bindWarnings(plan);
  const nothing = notices.length + warnings.length === 0;
  return [
    ...notices.map((text) => ({text})),
    ...warnings.map((text) => ({text, tone: 'warn'}) as const),
    ...(nothing ? [{text: 'no setting comes in, and none leaks', tone: 'dim'} as const] : []),
  ];
}
