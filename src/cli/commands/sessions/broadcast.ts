import {type MessageBodyInput, maxBodyBytes, readBody, withBody} from '../../line/message-body.js';
import {parseTopic} from '../../line/parsers.js';
import {showGathered} from '../../show/show-results.js';
import {collect, type Verb} from '../../verb.js';
import {broadcastPresenter} from './count-presenter.js';

interface BroadcastInput extends MessageBodyInput {
  readonly topic: string;
  readonly gate?: readonly string[] | undefined;
}

export const broadcast: Verb<BroadcastInput> = {
  examples: [
    "gatectl broadcast notice 'maintenance in 5 minutes'",
    'gatectl broadcast shop/offer --gate Gate@a1 --file offer.json',
  ],
  declare: (command) =>
    withBody(command.argument('<topic>', 'topic to publish to', parseTopic)).option(
      '--gate <node>',
      'send only to clients of this gate (repeatable)',
      collect(String),
    ),
  run: async (context, input) => {
    const body = await readBody(input, () => context.io.in.readAll(maxBodyBytes));
    const cluster = await context.openCluster();
    const sent = await cluster.broadcast(input.topic, body, input.gate);
    const rows = [...sent.results].map(([node, clients]) => ({node, clients}));
    const clients = rows.reduce((sum, row) => sum + row.clients, 0);
    return showGathered(context, broadcastPresenter, sent, rows, {
      topic: input.topic,
      bytes: body.length,
      clients,
    });
  },
};
