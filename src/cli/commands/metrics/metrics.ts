import {once} from 'node:events';
import {GatectlError, UsageError} from '../../../base/errors.js';
import type {ClusterReader, Gathered} from '../../../cluster/cluster.js';
import {PollingRounds} from '../../../cluster/read/polling-rounds.js';
import {prometheusText} from '../../../output/formats/prometheus.js';
import {loadYamlEncoder} from '../../../output/formats/yaml.js';
import type {CommandContext} from '../../command-context.js';
import {addStockSourceFlags} from '../../line/stock-flags.js';
import {notice} from '../../show/notices.js';
import {reportPartialResult} from '../../show/partial-result.js';
import {repeatableParser, type Verb} from '../../verb.js';
import {alertRules} from './alert-rules.js';
import {parseAllowedHost} from './allowed-hosts.js';
import {collectGateMetrics, downGateMetrics, metricDefinitions, registryUpMetric} from './gate-metrics.js';
import {grafanaDashboard} from './grafana-dashboard.js';
import {type ListenAddress, parseListenAddress, serveMetrics} from './metrics-server.js';
import {ReloadableCluster} from './reloadable-cluster.js';

interface MetricsInput {
  readonly listen?: ListenAddress | undefined;
  readonly allowHost?: readonly string[] | undefined;
  readonly grafana?: boolean | undefined;
  readonly alerts?: boolean | undefined;
}

export const metrics: Verb<MetricsInput> = {
  examples: [
    'gatectl metrics',
    'gatectl metrics --listen 127.0.0.1:9464',
    'gatectl metrics --alerts > gatectl.rules.yml',
  ],
  declare: (command) =>
    addStockSourceFlags(command)
      .option('--listen <address>', 'serve /metrics on a loopback address until Ctrl-C', parseListenAddress)
      .option(
        '--allow-host <name>',
        'with --listen, also accept this Host header (repeatable)',
        repeatableParser(parseAllowedHost),
      )
      .option('--grafana', 'print a Grafana dashboard for these metrics')
      .option('--alerts', 'print alert rules for Prometheus'),
  handlesAbort: ({listen}) => listen !== undefined,
  run: async (context, {listen, allowHost, grafana = false, alerts = false}) => {
    if ([grafana, alerts, listen !== undefined].filter(Boolean).length > 1)
      throw new UsageError('cannot combine --grafana, --alerts and --listen', {
        hint: 'gatectl metrics --help',
      });
    if (grafana)
      return await printText(context, JSON.stringify(grafanaDashboard(metricDefinitions()), null, 2));
    if (alerts) return await printText(context, (await loadYamlEncoder())(alertRules).trimEnd());
    if (listen !== undefined) return await serve(context, listen, allowHost);
    if (allowHost !== undefined)
      throw new UsageError('--allow-host requires --listen', {hint: 'gatectl metrics --help'});
    const {metrics: measured, outcomes} = await collectGateMetrics(await context.openReader());
    await context.io.out.write(prometheusText(measured));
    return reportPartialResult(
      context,
      outcomes.filter(({reason}) => reason !== 'unsupported'),
    );
  },
};

async function printText({io}: CommandContext, text: string): Promise<undefined> {
  await io.out.write(`${text}\n`);
  return undefined;
}

async function serve(
  context: CommandContext,
  address: ListenAddress,
  allowedHosts: MetricsInput['allowHost'],
): Promise<undefined> {
  const {signal, deps, now} = context;
  const measured = await ReloadableCluster.open(context);
  const measurers = new WeakMap<ClusterReader, Measurer>(); // a reload opens a new cluster
  const text = (cluster: ClusterReader): Promise<string> => {
    const measurer = measurers.get(cluster) ?? measurerPerGate(cluster, now);
    measurers.set(cluster, measurer);
    return metricsText(cluster, measurer);
  };
  const server = await serveMetrics({address, allowedHosts, text: () => measured.measure(text)});
  await notice(context, `serving ${server.url}; press Ctrl-C to stop`);
  deps.onReload(() => void measured.reload());
  if (!signal.aborted) await once(signal, 'abort');
  await server.close();
  await measured.close();
  signal.throwIfAborted();
  return undefined;
}

/** The two queries that metrics need. */
type Measurer = Pick<ClusterReader, 'stats' | 'info'>;

/** Calls each gate separately, so that a silent gate does not delay the others. */
function measurerPerGate(cluster: ClusterReader, now: () => number): Measurer {
  const stats = new PollingRounds({ask: (gate) => cluster.stats([gate]), now});
  const info = new PollingRounds({ask: (gate) => cluster.info([gate]), now});
  const of = async <T>(poller: PollingRounds<T>): Promise<Gathered<T>> => {
    const expected = await cluster.gates();
    return {expected, ...(await poller.round(expected.map(({id}) => id)))};
  };
  return {stats: () => of(stats), info: () => of(info)};
}

/** Looks up and measures the gates. Returns Prometheus text. While the bus is down, known gates are reported as down. */
async function metricsText(cluster: ClusterReader, measuring: Measurer): Promise<string> {
  const isFound = await cluster.refreshGates().then(() => true, falseForKnownError);
  const measured = await collectGateMetrics(measuring).catch((error: unknown) => {
    falseForKnownError(error);
    return undefined;
  });
  return prometheusText([
    registryUpMetric(isFound),
    ...(measured?.metrics ?? downGateMetrics((await cluster.gates()).map(({id}) => id))),
  ]);
}

function falseForKnownError(error: unknown): false {
  if (error instanceof GatectlError) return false;
  throw error;
}
