import {type BindPlan, planBind} from '../../cluster/bind-plan.js';
import {bindByPlan} from '../../cluster/bind-policy.js';
import {parseUid} from '../../cluster/write-input.js';
import {bindWarnings} from '../../sheets/bind-warnings.js';
import type {PreviewLine} from '../dialog.js';
import {changeOne} from './change.js';
import {faultText} from './fault-text.js';
import {
  type ActionSpec,
  missingReason,
  reasonField,
  reasonOf,
  selection,
  sessionOf,
  textField,
  whom,
} from './spec.js';

/** Binds one session to a uid; what the merge will do is looked up and shown first. */
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
    const write = {path: 'bind', input: {session, uid}, reason: reasonOf(values, subject)};
    return await changeOne(write, job, async () =>
      bindByPlan(cluster, await planBind(cluster, session, {uid}), {duplicate: 'allow'}),
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
