import {ExitCode, throwIfHungUpOrQuit} from '../base/errors.js';
import {connectSimulatedClient, type GatePorts, type SimulatedClient} from './clients/simulated-client.js';
import {startSimulatedClients} from './clients/simulated-clients.js';
import type {SimulatedPlayer} from './clients/simulated-players.js';
import type {DevCluster} from './dev-cluster.js';
import type {DevDeps} from './dev-deps.js';
import type {DemoOptions} from './dev-options.js';
import {devContextNotice, withDevCluster} from './run-dev.js';
import {runTour} from './run-tour.js';
import {fetchWhoAmI, type TourClients, tourSteps} from './tour-steps.js';

/** Starts a cluster with simulated players. On a terminal, shows the dashboard; otherwise, a tour of commands. */
export async function runDemo(options: DemoOptions, deps: DevDeps): Promise<ExitCode> {
  return withDevCluster(options, deps, async (cluster, isSelected) => {
    deps.note(`started ${cluster.gates.length} gates and the HelloWorld module on ${cluster.context.server}`);
    const {count, seed} = {count: options.clients, seed: options.seed};
    if (deps.isTerminal) deps.note(`connecting ${count} clients …`);
    const clients = await startSimulatedClients({
      count,
      seed,
      gates: () => cluster.gates,
      signal: deps.signal,
    });
    deps.note(`${clients.size} clients are connected; they log in, change settings, come and go`);
    deps.note(`context ${devContextNotice(isSelected)}`);
    try {
      const code = deps.signal.aborted
        ? ExitCode.done
        : await (deps.isTerminal ? showLive(cluster, deps) : takeTour(cluster, deps));
      throwIfHungUpOrQuit(deps.signal);
      return code;
    } finally {
      await clients.leave();
    }
  });
}

async function showLive(cluster: DevCluster, deps: DevDeps): Promise<ExitCode> {
  await deps.liveView(cluster.context, deps.signal);
  return ExitCode.done;
}

async function takeTour(cluster: DevCluster, deps: DevDeps): Promise<ExitCode> {
  const cast = await connectPlayers(cluster.gates);
  try {
    const steps = tourSteps(cast, await fetchWhoAmI(cast.neo), await fetchWhoAmI(cast.trinity));
    const code = await runTour(steps, cluster.context, deps);
    if (code === ExitCode.done) deps.write('\nTo keep such a cluster running: gatectl dev\n');
    return code;
  } finally {
    await Promise.all([cast.neo.leave(), cast.trinity.leave()]);
  }
}

const neo: SimulatedPlayer = {
  clientId: 'neo-phone',
  uid: 'neo',
  network: 'tcp',
  protocolVersion: 5,
  room: 'mqant',
  gateShare: 0,
};
const trinity: SimulatedPlayer = {
  ...neo,
  clientId: 'trinity-tab',
  uid: 'trinity',
  network: 'websocket',
  protocolVersion: 4,
};

/** Connects the tour's players, on different gates if there are several, to show that commands find them on any gate. */
async function connectPlayers(gates: readonly GatePorts[]): Promise<TourClients> {
  const [first, second = first] = gates;
  if (first === undefined || second === undefined) throw new Error('there is no gate to connect to');
  return {neo: await connectPlayer(neo, first), trinity: await connectPlayer(trinity, second)};
}

async function connectPlayer(player: SimulatedPlayer, gate: GatePorts): Promise<SimulatedClient> {
  const client = await connectSimulatedClient(player, gate);
  await client.ask('HD_login', {uid: player.uid});
  await client.ask('HD_room', {room: player.room});
  return client;
}
