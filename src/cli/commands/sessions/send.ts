import {createHash} from 'node:crypto';
import {UsageError} from '../../../errors.js';
import {type BodyInput, maxBodyBytes, readBody, withBodyFlags} from '../../body.js';
import {type BulkInput, isBulk, splitWords, withBulk} from '../../bulk-flags.js';
import {writeMany} from '../../bulk-write.js';
import type {CommandContext} from '../../context.js';
import {parseTopic} from '../../parsers.js';
import {showOne} from '../../present.js';
import {parseReference} from '../../session-argument.js';
import type {Verb} from '../../verb.js';

export interface SendInput extends BulkInput, BodyInput {
  readonly word: readonly string[];
}

export const send: Verb<SendInput> = {
  examples: [
    "gatectl send 5f0084b6970dc3 notice 'maintenance in 5 minutes'",
    'gatectl send --setting vip=1 shop/offer --json --file offer.json --rate 500',
  ],
  declare: (command) =>
    withBulk(
      withBodyFlags(
        command
          .usage('<session> <topic> [body] | --where … <topic> [body]')
          .argument('<word...>', 'the session, the topic to publish to, and what to send; - for stdin'),
      ),
    ),
  endsItself: isBulk,
  run: async (context, {word, ...input}) => {
    const {session, rest} = splitWords(word, input);
    const [topicText, body, ...more] = rest;
    if (topicText === undefined) throw new UsageError('the topic is missing', {hint: 'gatectl send --help'});
    if (more.length > 0) {
      throw new UsageError(`"${more[0]}" is one word too many`, {hint: 'put the body in quotes'});
    }
    const topic = parseTopic(topicText);
    const reference = session === undefined ? undefined : parseReference(session);
    const bytes = await readBody({...input, body}, () => context.io.in.readAll(maxBodyBytes));
    if (reference !== undefined) return await sendOne(context, reference, topic, bytes);
    const about = {topic, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex')};
    return await writeMany(context, input, {
      action: {verb: 'send', topic, body: bytes},
      about,
      destroys: false,
    });
  },
};

async function sendOne(context: CommandContext, reference: string, topic: string, body: Uint8Array) {
  const cluster = await context.openCluster();
  const options = {allowPrefix: context.interactive};
  const {node, session} = await cluster.send(reference, topic, body, options);
  context.notes.change(`${node.id}/${session.sessionId}`, undefined, {topic, bytes: body.length});
  return await showOne(context, {
    id: session.sessionId,
    fields: [
      ['session', session.sessionId],
      ['gate', node.id],
      ['topic', topic],
      ['bytes', String(body.length)],
    ],
    record: {id: session.sessionId, gate: node.id, topic, bytes: body.length},
  });
}
