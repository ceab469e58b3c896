import {type BindPlan, planBind} from '../../cluster/write/bind-plan.js';
import {executeBind} from '../../cluster/write/execute-bind.js';
import {parseUid} from '../../cluster/write/parse-write-input.js';
import {bindWarnings} from '../../presentation/bind-plan-text.js';
import type {PreviewLine} from '../model/dialog-types.js';
import {
  type ActionSpec,
  dialogTextField,
  loadedSessionOfTarget,
  missingReasonError,
  reasonFields,
  reasonToRecord,
  targetArguments,
  targetLabel,
} from './action-spec.js';
import {changeOneSession} from './change-one-session.js';
import {parseErrorMessage} from './error-lines.js';

/** Binds one session to a uid. Previews the merge with the record. */
export const bindAction: ActionSpec = {
  kind: 'bind',
  title: (subject) => `bind ${targetLabel(subject)}`,
  fields: ({state}) => [
    dialogTextField('uid', 'uid', '', 'the user id to bind it to'),
    ...reasonFields(state),
  ],
  validate: ({uid = '', ...values}) => parseErrorMessage(() => parseUid(uid)) ?? missingReasonError(values),
  preview: ({uid = ''}, subject) => {
    const before = loadedSessionOfTarget(subject)?.userId ?? '';
    if (uid === '') return [{text: 'type a uid', tone: 'dim'}];
    return [{text: `uid: ${before === '' ? '(guest)' : before} -> ${uid}`}];
  },
  fetchPreview: async ({uid = ''}, subject, {cluster}) => {
    const [session = ''] = targetArguments(subject);
    return uid === '' ? [] : mergeLines(await planBind(cluster, session, {uid}));
  },
  confirmation: () => ({ask: 'nothing'}),
  command: ({uid = ''}, subject) => ['bind', ...targetArguments(subject), uid],
  run: async (values, subject, job) => {
    const {uid = ''} = values;
    const {cluster} = job.deps;
    const [session = ''] = targetArguments(subject);
    const write = {path: 'bind', input: {session, uid}, reason: reasonToRecord(values, subject)};
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
