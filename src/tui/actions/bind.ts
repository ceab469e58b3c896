import {type BindPlan, planBind} from '../../cluster/write/bind-plan.js';
import {executeBind} from '../../cluster/write/bind-policy.js';
import {parseUid} from '../../cluster/write/write-input.js';
import {bindWarnings} from '../../presentation/bind-plan-text.js';
import type {PreviewLine} from '../model/dialog.js';
import {
  type ActionSpec,
  dialogReason,
  knownSession,
  missingReason,
  reasonField,
  selectionWords,
  targetLabel,
  textField,
} from './action-spec.js';
import {changeOneSession} from './change-one-session.js';
import {inputError} from './error-text.js';

/** Binds one session to a uid. Previews the merge with the record. */
export const bindAction: ActionSpec = {
  kind: 'bind',
  title: (subject) => `bind ${targetLabel(subject)}`,
  fields: ({state}) => [textField('uid', 'uid', '', 'the user id to bind it to'), ...reasonField(state)],
  validate: ({uid = '', ...values}) => inputError(() => parseUid(uid)) ?? missingReason(values),
  preview: ({uid = ''}, subject) => {
    const before = knownSession(subject)?.userId ?? '';
    if (uid === '') return [{text: 'type a uid', tone: 'dim'}];
    return [{text: `uid: ${before === '' ? '(guest)' : before} -> ${uid}`}];
  },
  fetchPreview: async ({uid = ''}, subject, {cluster}) => {
    const [session = ''] = selectionWords(subject);
    return uid === '' ? [] : mergeLines(await planBind(cluster, session, {uid}));
  },
  confirmation: () => ({ask: 'nothing'}),
  command: ({uid = ''}, subject) => ['bind', ...selectionWords(subject), uid],
  run: async (values, subject, job) => {
    const {uid = ''} = values;
    const {cluster} = job.deps;
    const [session = ''] = selectionWords(subject);
    const write = {path: 'bind', input: {session, uid}, reason: dialogReason(values, subject)};
    return await changeOneSession(write, job, async () =>
      executeBind(cluster, await planBind(cluster, session, {uid}), {duplicate: 'allow'}),
    );
  },
};

/** Returns the notices and warnings that the command line would print. */
function mergeLines(plan: BindPlan): readonly PreviewLine[] {
  const {notices, warnings} = bindWarnings(plan);
  const nothing = notices.length + warnings.length === 0;
  return [
    ...notices.map((text) => ({text})),
    ...warnings.map((text) => ({text, tone: 'warn'}) as const),
    ...(nothing ? [{text: 'no settings are merged', tone: 'dim'} as const] : []),
  ];
}
