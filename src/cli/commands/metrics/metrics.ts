import {once} from 'node:events';
import type {Cluster} from '../../../cluster/cluster.js';
import {GatectlError} from '../../../errors.js';
import {prometheusText} from '../../../output/prometheus.js';
import type {CommandContext} from '../../context.js';
import {gateMetrics, gatesDown, registryUp} from '../../gate-metrics.js';
import {type ListenAddress, parseListenAddress, serveMetrics} from '../../metrics-server.js';
import {settle} from '../../present.js';
import {notice} from '../../talk.js';
import type {Verb} from '../../verb.js';

export interface MetricsInput {
  readonly listen?: ListenAddress | undefined;
}

export const metrics: Verb<MetricsInput> = {
  examples: ['gatectl metrics', 'gatectl metrics --listen 127.0.0.1:9464'],
  declare: (command) =>
    command.option(
      '--listen <address>',
      'serve them at /metrics of this address of this machine, until Ctrl-C',
      parseListenAddress,
    ),
  endsItself: ({listen}) => listen !== undefined,
  run: async (context, {listen}) => {
    if (listen !== undefined) return await serve(context, listen);
    const {metrics: measured, outcomes} = await gateMetrics(await context.openCluster());
    await context.io.out.write(prometheusText(measured));
    return settle(
      context,
      outcomes.filter(({reason}) => reason !== 'unsupported'),
    );
  },
};

async function serve(context: CommandContext, listen: ListenAddress): Promise<undefined> {
  const {signal} = context;
  const cluster = await context.openCluster({reconnect: true});
  const server = await serveMetrics(listen, () => textOf(cluster));
  await notice(context, `serving ${server.url}; Ctrl-C ends`);
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
  signal.throwIfAborted();
  return undefined;
}

/** Gates that came or went since the last time are seen; those that are known are down while the bus is. */
async function textOf(cluster: Cluster): Promise<string> {
  const isFound = await cluster.lookAgain().then(() => true, unlessBug);
  const measured = await gateMetrics(cluster).catch((error: unknown) => {
    unlessBug(error);
    return undefined;
  });
  return prometheusText([
    registryUp(isFound),
    ...(measured?.metrics ?? gatesDown((await cluster.gates()).map(({id}) => id))),
  ]);
}

function unlessBug(error: unknown): false {
  if (error instanceof GatectlError) return false;
  throw error;
}
