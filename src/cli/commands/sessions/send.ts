import {type BodyInput, maxBodyBytes, readBody, withBody} from '../../body.js';
import {parseTopic} from '../../parsers.js';
import {showOne} from '../../present.js';
import {withSession} from '../../session-argument.js';
import type {Verb} from '../../verb.js';

export interface SendInput extends BodyInput {
  readonly session: string;
  readonly topic: string;
}

export const send: Verb<SendInput> = {
  examples: [
    "gatectl send 5f0084b6970dc3 notice 'maintenance in 5 minutes'",
    'gatectl send Gate@a1/5f0084b6970dc3 shop/offer --json --file offer.json',
  ],
  declare: (command) => withBody(withSession(command).argument('<topic>', 'topic to publish to', parseTopic)),
  run: async (context, input) => {
    const body = await readBody(input, () => context.io.in.readAll(maxBodyBytes));
    const cluster = await context.openCluster();
    const {node, session} = await cluster.send(input.session, input.topic, body, {
      allowPrefix: context.interactive,
    });
    return showOne(context, {
      id: session.sessionId,
      fields: [
        ['session', session.sessionId],
        ['gate', node.id],
        ['topic', input.topic],
        ['bytes', String(body.length)],
      ],
      record: {id: session.sessionId, gate: node.id, topic: input.topic, bytes: body.length},
    });
  },
};
