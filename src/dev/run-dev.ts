import {once} from 'node:events';
import {ExitCode, throwIfHungUpOrQuit} from '../base/errors.js';
import {type DevCluster, startDevCluster} from './dev-cluster.js';
import type {DevDeps} from './dev-deps.js';
import type {DevOptions} from './dev-options.js';

/** Name of the context that `dev` and `demo` provide to other terminals while they run. */
export const devContextName = 'dev';

/** Starts a cluster, selects its context for other terminals, and runs until the signal aborts. */
export async function runDev(options: DevOptions, deps: DevDeps): Promise<ExitCode> {
  return withDevCluster(options, deps, async (cluster, isSelected) => {
    deps.write(welcome(cluster, isSelected));
    if (!deps.signal.aborted) await once(deps.signal, 'abort');
    deps.note('stopping');
    throwIfHungUpOrQuit(deps.signal);
    return ExitCode.done;
  });
}

/** Starts a cluster and calls `use` with it. Always stops the cluster and restores the selected context. */
export async function withDevCluster(
  options: DevOptions,
  deps: DevDeps,
  use: (cluster: DevCluster, isSelected: boolean) => Promise<ExitCode>,
): Promise<ExitCode> {
  const cluster = await startDevCluster({...options, path: deps.path, program: deps.program});
  try {
    const {isSelected, restore} = await deps.saveContext(devContextName, cluster.context);
    try {
      return await use(cluster, isSelected);
    } finally {
      await restore();
    }
  } finally {
    await cluster.close();
  }
}

/** Returns a notice that tells how to reach the cluster from other terminals. */
export const devContextNotice = (isSelected: boolean): string =>
  isSelected
    ? `"${devContextName}" is selected until this command ends`
    : `"${devContextName}"; to select it: gatectl context use ${devContextName}`;

function welcome({context, busKind, gates}: DevCluster, isSelected: boolean): string {
  const flag = isSelected ? '' : ` --context ${devContextName}`;
  const [first] = gates;
  const width = Math.max(...gates.map(({nodeId}) => nodeId.length));
  const lines = gates.map(
    ({nodeId, tcpPort, wsPort, pid}) =>
      `  ${nodeId.padEnd(width)}  mqtt://127.0.0.1:${tcpPort}  ws://127.0.0.1:${wsPort}/mqtt` +
      (pid === undefined ? '' : `  pid ${pid}`),
  );
  return `NATS     ${context.server} (${busKind})
gates    ${gates.length}, with the HelloWorld module
${lines.join('\n')}
context  ${devContextNotice(isSelected)}; to stop: Ctrl-C

In another terminal:
  npx mqtt sub -v -h 127.0.0.1 -p ${first?.tcpPort} -i me -t /news      a client that receives messages
  gatectl sessions list${flag}
  gatectl broadcast /news hello${flag}
`;
}
