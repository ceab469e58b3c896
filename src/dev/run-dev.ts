import {once} from 'node:events';
import {ExitCode, throwIfHungUpOrQuit} from '../base/errors.js';
import type {DevDeps} from './deps.js';
import {type DevCluster, startDevCluster} from './dev-cluster.js';
import type {DevOptions} from './options.js';

/** The name of the context that a running `dev` or `demo` leaves for other terminals. */
export const devContextName = 'dev';

/** Starts a cluster, makes it what every other terminal talks to, and stays until it is told to end. */
export async function runDev(options: DevOptions, deps: DevDeps): Promise<ExitCode> {
  return withDevCluster(options, deps, async (cluster) => {
    deps.write(welcome(cluster));
    if (!deps.signal.aborted) await once(deps.signal, 'abort');
    deps.note('stopping');
    throwIfHungUpOrQuit(deps.signal);
    return ExitCode.done;
  });
}

/** Whatever happens inside, the cluster is stopped and the operator's own context is selected again. */
export async function withDevCluster(
  options: DevOptions,
  deps: DevDeps,
  use: (cluster: DevCluster) => Promise<ExitCode>,
): Promise<ExitCode> {
  const cluster = await startDevCluster({...options, path: deps.path, program: deps.program});
  try {
    const restore = await deps.saveContext(devContextName, cluster.context);
    try {
      return await use(cluster);
    } finally {
      await restore();
    }
  } finally {
    await cluster.close();
  }
}

function welcome({context, busKind, gates}: DevCluster): string {
  const [first] = gates;
  const width = Math.max(...gates.map(({nodeId}) => nodeId.length));
  const lines = gates.map(
    ({nodeId, tcpPort, wsPort, pid}) =>
      `  ${nodeId.padEnd(width)}  mqtt://127.0.0.1:${tcpPort}  ws://127.0.0.1:${wsPort}/mqtt` +
      (pid === undefined ? '' : `  pid ${pid}`),
  );
  return `NATS     ${context.server} (${busKind})
gates    ${gates.length}, with the module HelloWorld behind them
${lines.join('\n')}
context  "${devContextName}" is selected until this ends (Ctrl-C)

In another terminal:
  npx mqtt sub -v -h 127.0.0.1 -p ${first?.tcpPort} -i me -t /news      a client to push to
  gatectl sessions list
  gatectl broadcast /news hello
`;
}
