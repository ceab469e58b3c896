import {ExitCode} from '../../base/errors.js';
import {countUnsubscribed} from '../../cluster/write/count-unsubscribed.js';
import {parseTopic} from '../../cluster/write/parse-write-input.js';
import {formatPlural} from '../../output/text/humanize.js';
import {unsubscribedText} from '../../presentation/connection-text.js';
import {
  type ActionSpec,
  confirmationByCount,
  dialogTextField,
  missingReasonError,
  reasonFields,
  reasonToRecord,
  targetArguments,
  targetLabel,
} from './action-spec.js';
import {parseErrorMessage} from './error-lines.js';
import {writeToAllTargets} from './write-to-all-targets.js';

/** Pushes a message to clients. */
export const sendAction: ActionSpec = {
  kind: 'send',
  title: (subject) => `send to ${targetLabel(subject)}`,
  fields: ({state}) => [
    dialogTextField('topic', 'topic', '', 'a topic the client has subscribed to: /gate/send/test'),
    dialogTextField('body', 'body', '', 'message, sent as typed'),
    ...reasonFields(state),
  ],
  validate: ({topic = '', ...values}) =>
    parseErrorMessage(() => parseTopic(topic)) ?? missingReasonError(values),
  preview: ({topic = '', body = ''}, {targets}) => [
    {
      text: `publishes ${formatPlural(Buffer.byteLength(body), 'byte')} to "${topic}" of ${formatPlural(targets.length, 'client')}`,
    },
  ],
  fetchPreview: async ({topic = ''}, {targets}, {cluster}) => {
    if (parseErrorMessage(() => parseTopic(topic)) !== undefined) return [];
    const text = unsubscribedText(await countUnsubscribed(cluster, targets, topic), topic);
    return text === undefined ? [] : [{text, tone: 'warn'}];
  },
  confirmation: (subject) => confirmationByCount('send', subject, false),
  command: ({topic = '', body = ''}, subject) => ['send', ...targetArguments(subject), topic, body],
  run: async (values, subject, job) => {
    const {topic = '', body = ''} = values;
    const {targets} = subject;
    const bytes = Buffer.from(body);
    const [only] = targets;
    const write = {path: 'send', reason: reasonToRecord(values, subject)};
    if (only === undefined || targets.length > 1) {
      const action = {verb: 'send', topic, body: bytes} as const;
      return await writeToAllTargets({...write, input: {topic, body}}, action, subject, job);
    }
    const reference = `${only.node}/${only.id}`;
    await job.deps.runWrite({...write, input: {session: reference, topic, body}}, async (notes) => {
      await job.deps.cluster.send(reference, topic, bytes);
      notes.addChange(reference, undefined, {topic, bytes: bytes.length});
      return ExitCode.done;
    });
    return {tone: 'good', lines: [`${formatPlural(bytes.length, 'byte')} written to the connection`]};
  },
};
