import {ExitCode, MistypedValueError, UsageError} from '../../../base/errors.js';
import type {LocatedSession, Target} from '../../../cluster/cluster.js';
import {countUnsubscribed} from '../../../cluster/write/count-unsubscribed.js';
import {unsubscribedText} from '../../../presentation/connection-text.js';
import {type DeliveryOutcome, maxDeliverWaitMs} from '../../../session/gate-api.js';
import {
  addBulkSessionFlags,
  type BulkSessionInput,
  bulkVerbMembers,
  singleSession,
  splitSessionArguments,
} from '../../bulk/bulk-flags.js';
import {writeToSessions} from '../../bulk/bulk-write.js';
import {buildMessageWrite, type OutgoingMessage, parseMessageTemplate} from '../../bulk/message-write.js';
import {stdinArgument} from '../../bulk/read-session-references.js';
import {writeToSession} from '../../bulk/write-to-session.js';
import type {CommandContext} from '../../command-context.js';
import {
  addMessageFlags,
  type MessageBodyInput,
  maxMessageBytes,
  readMessageBody,
} from '../../line/message-body.js';
import {parseDurationMs, parseTopic} from '../../line/parsers.js';
import {notice} from '../../show/notices.js';
import {showItem} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SendInput extends BulkSessionInput, MessageBodyInput {
  readonly args: readonly string[];
  readonly template?: boolean | undefined;
  readonly qos: number;
  readonly wait?: number | undefined;
}

export const send: Verb<SendInput> = {
  examples: [
    "gatectl send 5f0084b6970dc3 notice 'maintenance in 5 minutes'",
    "gatectl send uid:u42 notice 'hello'",
    "gatectl send uid:u42 notice 'hello' --qos 1 --wait 10s",
    'gatectl send --setting vip=1 shop/offer --json --template \'{"for":"{{uid}}"}\' --rate 500',
  ],
  declare: (command) =>
    addBulkSessionFlags(
      addMessageFlags(
        command
          .usage('<session> <topic> [body] | --where … <topic> [body]')
          .argument('<args...>', 'session, topic and body; - reads stdin'),
      ),
    )
      .option('--template', 'fill in {{uid}}, {{id}}, {{gate}}, {{ip}} and {{settings.<key>}} in the body')
      .option('--qos <level>', '1 to wait until the client acknowledges the message (0)', parseQos, 0)
      .option('--wait <duration>', 'how long to wait for acknowledgements (5s)', parseDurationMs),
  ...bulkVerbMembers(({args, target}) => (target === undefined ? args.slice(0, 1) : [])),
  run: async (context, {args, ...input}) => {
    const {sessions, rest} = splitSessionArguments(args, input);
    const [topicText, body, ...more] = rest;
    if (topicText === undefined) throw new UsageError('missing topic', {hint: 'gatectl send --help'});
    if (more.length > 0) {
      throw new UsageError(`unexpected argument "${more[0]}" after the body`, {
        hint: 'put the body in quotes',
      });
    }
    const topic = parseTopic(topicText);
    if (sessions.includes(stdinArgument) && (body === stdinArgument || input.stdin === true))
      throw new UsageError('cannot read both the sessions and the body from stdin', {
        hint: 'give the body with --file',
      });
    const bytes = await readMessageBody({...input, body}, () => context.io.in.readAll(maxMessageBytes));
    const ackWaitMs = ackWaitOf(input);
    const message = {topic, bytes, template: input.template === true, json: input.json === true, ackWaitMs};
    const only = singleSession(sessions, input);
    if (only === undefined) {
      const check = (targets: readonly Target[]) => noticeUnsubscribed(context, targets, topic);
      return await writeToSessions(context, input, {...buildMessageWrite(message), check}, sessions);
    }
    return await writeToSession(context, only, input, () => sendOne(context, only, message));
  },
};

function parseQos(text: string): number {
  if (text === '0' || text === '1') return Number(text);
  const message = `invalid QoS "${text}": expected 0 or 1`;
  if (text === '2') throw new MistypedValueError(message, {flag: '--qos', typed: text, meant: '1'});
  throw new UsageError(message, {hint: 'to wait for an acknowledgement: --qos 1'});
}

const defaultWaitMs = 5_000;

/** Returns how long to wait for acknowledgements, in milliseconds; undefined with QoS 0. Throws UsageError. */
function ackWaitOf({qos, wait}: Pick<SendInput, 'qos' | 'wait'>): number | undefined {
  if (qos === 0 && wait === undefined) return undefined;
  if (qos === 0)
    throw new UsageError('--wait requires --qos 1: QoS 0 messages are not acknowledged', {
      hint: 'pass --qos 1',
      retryWith: ['--qos', '1'],
    });
  const waitMs = wait ?? defaultWaitMs;
  if (waitMs <= maxDeliverWaitMs) return waitMs;
  throw new UsageError(`invalid --wait: a gate waits at most ${maxDeliverWaitMs / 1000}s`);
}

async function sendOne(
  context: CommandContext,
  reference: string,
  message: OutgoingMessage,
): Promise<ExitCode> {
  const cluster = await context.openCluster();
  const options = {allowPrefix: context.allowsPrefix};
  const {topic, ackWaitMs} = message;
  let body = message.bytes;
  let target = reference;
  if (message.template || !context.outputOptions.quiet) {
    const {node, session} = await cluster.locate(reference, options);
    if (message.template) body = parseMessageTemplate(message).render(session, node.id);
    target = `${node.id}/${session.sessionId}`;
    await noticeUnsubscribed(context, [{node: node.id, id: session.sessionId, uid: session.userId}], topic);
  }
  const sent: LocatedSession & Partial<DeliveryOutcome> =
    ackWaitMs === undefined
      ? await cluster.send(target, topic, body, options)
      : await cluster.deliver(target, {...options, topic, body, waitMs: ackWaitMs});
  const {node, session, state} = sent;
  const shown = sentFields(sent, topic, body.length);
  const {id: _, gate: __, ...written} = shown.record;
  context.journalDraft.addChange(`${node.id}/${session.sessionId}`, {uid: session.userId}, written);
  await showItem(context, shown);
  if (state === undefined || state === 'acknowledged') return ExitCode.done;
  if (state !== 'unacknowledged') return ExitCode.negative;
  await notice(
    context,
    `the message was sent but not acknowledged; to check the session: gatectl sessions get ${node.id}/${session.sessionId}`,
  );
  return ExitCode.outcomeUnknown;
}

/** Prints a notice before sending if clients have not subscribed to the topic. Only some gates report subscriptions. */
async function noticeUnsubscribed(
  context: CommandContext,
  targets: readonly Target[],
  topic: string,
): Promise<void> {
  if (context.outputOptions.quiet) return;
  const found = await countUnsubscribed(await context.openCluster(), targets, topic);
  const text = unsubscribedText(found, topic);
  if (text !== undefined) await notice(context, text);
}

/** Returns the fields to show. A QoS 1 message also has the state of its delivery. */
function sentFields(
  {node, session: {sessionId: id}, state, detail}: LocatedSession & Partial<DeliveryOutcome>,
  topic: string,
  bytes: number,
) {
  const delivery = state === undefined ? {} : {qos: 1, state, ...(detail === undefined ? {} : {detail})};
  const message = {topic, bytes, ...delivery};
  const cells = Object.entries(message).map(([name, value]): [string, string] => [name, String(value)]);
  const fields: [string, string][] = [['id', id], ['gate', node.id], ...cells];
  return {id, fields, record: {id, gate: node.id, ...message}};
}
