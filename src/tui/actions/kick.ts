import {setTimeout as sleep} from 'node:timers/promises';
import {ExitCode, GatectlError} from '../../base/errors.js';
import {parseTopic} from '../../cluster/write/parse-write-input.js';
import {formatPlural} from '../../output/text/humanize.js';
import type {DialogFieldValues, DialogResult, PreviewLine} from '../model/dialog-types.js';
import {
  type ActionRunOptions,
  type ActionSpec,
  type ActionSubject,
  confirmationByCount,
  dialogNumberField,
  dialogTextField,
  missingReasonError,
  reasonFields,
  reasonToRecord,
  targetArguments,
  targetLabel,
} from './action-spec.js';
import {errorLines, parseErrorMessage} from './error-lines.js';
import {sendAction} from './send.js';
import {writeToAllTargets} from './write-to-all-targets.js';

const waitMs = 5000;
/** Maximum time between the message and the kick, in seconds. */
const mostSeconds = 600;

/** Closes connections and verifies that the sessions are gone. */
export const kickAction: ActionSpec = {
  kind: 'kick',
  title: (subject) => `kick ${targetLabel(subject)}`,
  fields: ({state}) => reasonFields(state),
  moreFields: ({state}) => [
    ...(state.options.requireReasonSource === undefined
      ? [dialogTextField('reason', 'reason', state.options.reason ?? '', 'for the journal; may stay empty')]
      : []),
    dialogTextField('topic', 'topic', '', 'topic of a message before the kick; empty for none'),
    dialogTextField('body', 'message', '', 'message text for the client'),
    dialogNumberField('seconds', 'wait', '5', 'seconds between the message and the kick'),
  ],
  validate: (values, {state}) =>
    messageFault(values) ??
    (state.options.requireReasonSource === undefined ? undefined : missingReasonError(values)),
  preview: (values, {targets}) => {
    const gates = new Set(targets.map(({node}) => node));
    const closes = `closes ${formatPlural(targets.length, 'connection')} on ${formatPlural(gates.size, 'gate')}; clients may reconnect`;
    return [...messageLines(values, targets.length), {text: closes}];
  },
  confirmation: (subject) => {
    const tier = confirmationByCount('kick', subject, true);
    return tier.ask === 'yes' ? {...tier, question: `kick ${targetLabel(subject)}?`} : tier;
  },
  command: (_, subject) => ['sessions', 'kick', ...targetArguments(subject)],
  run: async (values, subject, job) => {
    const told = hasMessage(values) ? await sendFirst(values, subject, job) : undefined;
    if (told !== undefined && job.signal.aborted)
      return {tone: 'warn', lines: ['stopped before the kick; the message was sent', ...told]};
    const result = await kick(values, subject, job);
    return told === undefined ? result : {...result, lines: [...result.lines, ...told]};
  },
};

const hasMessage = ({topic = ''}: DialogFieldValues): boolean => topic !== '';

function messageFault(values: DialogFieldValues): string | undefined {
  const {topic = '', body = '', seconds = '0'} = values;
  if (topic === '') return body === '' ? undefined : 'the message needs a topic';
  const isValid = /^\d{1,3}$/.test(seconds) && Number(seconds) <= mostSeconds;
  return (
    parseErrorMessage(() => parseTopic(topic)) ??
    (isValid ? undefined : `invalid time "${seconds}": expected seconds, at most ${mostSeconds}`)
  );
}

function messageLines(values: DialogFieldValues, count: number): readonly PreviewLine[] {
  const {topic = '', body = '', seconds = '0'} = values;
  if (!hasMessage(values)) return [];
  const bytes = formatPlural(Buffer.byteLength(body), 'byte');
  return [
    {text: `first sends ${bytes} to "${topic}" of ${formatPlural(count, 'client')}, then waits ${seconds} s`},
  ];
}

/**
 * Sends the message and waits. Returns lines about the delivery. The kick follows even if a client
 * did not receive the message.
 */
async function sendFirst(
  values: DialogFieldValues,
  subject: ActionSubject,
  job: ActionRunOptions,
): Promise<readonly string[]> {
  job.progress('sending the message');
  const sent = await sendAction.run(values, subject, job).catch((error: unknown): DialogResult => {
    if (!(error instanceof GatectlError)) throw error;
    return {tone: 'warn', lines: errorLines(error)};
  });
  for (let left = Number(values['seconds'] ?? '0'); left > 0 && !job.signal.aborted; left -= 1) {
    job.progress(`message sent; kicks in ${left} s`);
    await sleep(1000, undefined, {signal: job.signal}).catch(() => {});
  }
  return sent.lines.map((line) => `message: ${line}`);
}

async function kick(
  values: DialogFieldValues,
  subject: ActionSubject,
  job: ActionRunOptions,
): Promise<DialogResult> {
  const write = {path: 'sessions kick', reason: reasonToRecord(values, subject) || undefined};
  const [only] = subject.targets;
  if (only === undefined || subject.targets.length > 1)
    return await writeToAllTargets({...write, input: {}}, {verb: 'kick', waitMs}, subject, job);
  const reference = `${only.node}/${only.id}`;
  const code = await job.deps.runWrite({...write, input: {session: reference}}, async (notes) => {
    const {state} = await job.deps.cluster.kick(reference, {waitMs});
    notes.addChange(reference, {uid: only.uid}, state);
    return state === 'closed' ? ExitCode.done : ExitCode.outcomeUnknown;
  });
  if (code === ExitCode.done) return {tone: 'good', lines: ['closed, session removed']};
  return {tone: 'warn', lines: ['kick accepted, but the session is still on the gate']};
}
