import {UsageError} from '../../../base/errors.js';
import {type BulkInput, inBulk, onlySession, splitTargets, withBulkFlags} from '../../bulk/bulk-flags.js';
import {writeToMany} from '../../bulk/bulk-write.js';
import {dryRunOne} from '../../bulk/dry-run-one.js';
import {ignoringMissing} from '../../bulk/ignoring-missing.js';
import {type Message, messageTemplate, messageWrite} from '../../bulk/message-write.js';
import {stdinWord} from '../../bulk/named-sessions.js';
import type {CommandContext} from '../../command-context.js';
import {type MessageBodyInput, maxBodyBytes, readBody, withBodyFlags} from '../../line/message-body.js';
import {parseTopic} from '../../line/parsers.js';
import {showOne} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface SendInput extends BulkInput, MessageBodyInput {
  readonly word: readonly string[];
  readonly template?: boolean | undefined;
}

export const send: Verb<SendInput> = {
  examples: [
    "gatectl send 5f0084b6970dc3 notice 'maintenance in 5 minutes'",
    "gatectl send uid:u42 notice 'hello'",
    'gatectl send --setting vip=1 shop/offer --json --template \'{"for":"{{uid}}"}\' --rate 500',
  ],
  declare: (command) =>
    withBulkFlags(
      withBodyFlags(
        command
          .usage('<session> <topic> [body] | --where … <topic> [body]')
          .argument('<word...>', 'session, topic and body; - for stdin'),
      ),
    ).option('--template', 'fill in {{uid}}, {{id}}, {{gate}}, {{ip}} and {{settings.<key>}} in the body'),
  ...inBulk(({word, target}) => (target === undefined ? word.slice(0, 1) : [])),
  run: async (context, {word, ...input}) => {
    const {sessions, rest} = splitTargets(word, input);
    const [topicText, body, ...more] = rest;
    if (topicText === undefined) throw new UsageError('missing topic', {hint: 'gatectl send --help'});
    if (more.length > 0) {
      throw new UsageError(`unexpected argument "${more[0]}" after the body`, {
        hint: 'put the body in quotes',
      });
    }
    const topic = parseTopic(topicText);
    if (sessions.includes(stdinWord) && (body === stdinWord || input.stdin === true))
      throw new UsageError('stdin cannot hold both the sessions and the body', {
        hint: 'give the body by --file',
      });
    const bytes = await readBody({...input, body}, () => context.io.in.readAll(maxBodyBytes));
    const message = {topic, bytes, template: input.template === true, json: input.json === true};
    const only = onlySession(sessions, input);
    if (only === undefined) return await writeToMany(context, input, messageWrite(message), sessions);
    return await ignoringMissing(
      context,
      input,
      async () => (await dryRunOne(context, only, input)) ?? (await sendOne(context, only, message)),
    );
  },
};

async function sendOne(context: CommandContext, reference: string, message: Message) {
  const cluster = await context.openCluster();
  const options = {allowPrefix: context.isInteractive};
  const {topic} = message;
  let body = message.bytes;
  let target = reference;
  if (message.template) {
    const {node, session} = await cluster.locate(reference, options);
    body = messageTemplate(message).render(session, node.id);
    target = `${node.id}/${session.sessionId}`;
  }
  const {node, session} = await cluster.send(target, topic, body, options);
  context.notes.addChange(
    `${node.id}/${session.sessionId}`,
    {uid: session.userId},
    {topic, bytes: body.length},
  );
  return await showOne(context, {
    id: session.sessionId,
    fields: [
      ['id', session.sessionId],
      ['gate', node.id],
      ['topic', topic],
      ['bytes', String(body.length)],
    ],
    record: {id: session.sessionId, gate: node.id, topic, bytes: body.length},
  });
}
