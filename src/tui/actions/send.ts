import {ExitCode} from '../../base/errors.js';
import {findUnsubscribed} from '../../cluster/write/unsubscribed.js';
import {parseTopic} from '../../cluster/write/write-input.js';
import {plural} from '../../output/text/humanize.js';
import {unsubscribedText} from '../../presentation/connection-text.js';
import {
  type ActionSpec,
  confirmationFor,
  dialogReason,
  missingReason,
  reasonField,
  selectionWords,
  targetLabel,
  textField,
} from './action-spec.js';
import {inputError} from './error-text.js';
import {writeToAll} from './write-to-all.js';

/** Pushes a message to clients. */
export const sendAction: ActionSpec = {
  kind: 'send',
  title: (subject) => `send to ${targetLabel(subject)}`,
  fields: ({state}) => [
    textField('topic', 'topic', '', 'a topic the client has subscribed to: /gate/send/test'),
    textField('body', 'body', '', 'message, sent as typed'),
    ...reasonField(state),
  ],
  validate: ({topic = '', ...values}) => inputError(() => parseTopic(topic)) ?? missingReason(values),
  preview: ({topic = '', body = ''}, {targets}) => [
    {
      text: `publishes ${plural(Buffer.byteLength(body), 'byte')} to "${topic}" of ${plural(targets.length, 'client')}`,
    },
  ],
  fetchPreview: async ({topic = ''}, {targets}, {cluster}) => {
    if (inputError(() => parseTopic(topic)) !== undefined) return [];
    const text = unsubscribedText(await findUnsubscribed(cluster, targets, topic), topic);
    return text === undefined ? [] : [{text, tone: 'warn'}];
  },
  confirmation: (subject) => confirmationFor('send', subject, false),
  command: ({topic = '', body = ''}, subject) => ['send', ...selectionWords(subject), topic, body],
  run: async (values, subject, job) => {
    const {topic = '', body = ''} = values;
    const {targets} = subject;
    const bytes = Buffer.from(body);
    const [only] = targets;
    const write = {path: 'send', reason: dialogReason(values, subject)};
    if (only === undefined || targets.length > 1) {
      const action = {verb: 'send', topic, body: bytes} as const;
      return await writeToAll({...write, input: {topic, body}}, action, subject, job);
    }
    const reference = `${only.node}/${only.id}`;
    await job.deps.runWrite({...write, input: {session: reference, topic, body}}, async (notes) => {
      await job.deps.cluster.send(reference, topic, bytes);
      notes.addChange(reference, undefined, {topic, bytes: bytes.length});
      return ExitCode.done;
    });
    return {tone: 'good', lines: [`${plural(bytes.length, 'byte')} written to the connection`]};
  },
};
