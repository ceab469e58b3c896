import {setTimeout as delay} from 'node:timers/promises';
import type {ChaosCluster, ChaosGate} from './cluster.js';

/** One thing that goes wrong, and how it becomes well again. */
export interface Fault {
  readonly name: string;
  /** The gate that has it alone. */
  readonly gate?: ChaosGate;
  /** What acknowledges is not stored yet, and what is read may be old, until it is well again. */
  readonly store?: boolean;
  /** Nobody can be asked. */
  readonly bus?: boolean;
  /** The module cannot be asked. */
  readonly module?: boolean;
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

const aWhileMs = 3000;

/** All that can happen to this cluster, one after the other, for ever; `random` chooses the gate. */
export function* faults(cluster: ChaosCluster, random: () => number): Generator<Fault, never, undefined> {
  const {nats, store, storeName, gates, moduleLine, module} = cluster;
  const some = (): ChaosGate => gates[Math.floor(random() * gates.length)] ?? (gates[0] as ChaosGate);
  const isOneServer = storeName === 'jetstream';
  for (;;) {
    yield killed(cluster, some());
    yield {...paused('the store is stopped for a while', store), store: true, bus: isOneServer};
    yield gatePaused(some());
    yield {...restarted('the store is killed', store), store: true, bus: isOneServer};
    yield line('the network between a gate and the store is cut', some(), 'storeLine', 'cut', !isOneServer);
    yield {...restarted('the bus is killed', nats), bus: true, store: isOneServer};
    yield line('the network between a gate and the bus is cut', some(), 'busLine', 'cut', isOneServer);
    yield {...restarted('the module is killed', module), module: true};
    yield stopped(cluster, some());
    yield line(
      'the network between a gate and the store swallows all',
      some(),
      'storeLine',
      'stalled',
      !isOneServer,
    );
    yield {...paused('the bus is stopped for a while', nats), bus: true, store: isOneServer};
    yield line(
      'the network between a gate and the bus swallows all',
      some(),
      'busLine',
      'stalled',
      isOneServer,
    );
    yield {...paused('the module is stopped for a while', module), module: true};
    yield {
      name: 'the network between the module and the bus is cut',
      module: true,
      begin: () => moduleLine.set('cut'),
      end: () => moduleLine.set('clear'),
    };
  }
}

function killed(cluster: ChaosCluster, gate: ChaosGate): Fault {
  return {
    name: `gate ${gate.id} is killed`,
    gate,
    begin: () => gate.process.kill(),
    end: () => cluster.restart(gate),
  };
}

function stopped(cluster: ChaosCluster, gate: ChaosGate): Fault {
  return {
    name: `gate ${gate.id} is told to end`,
    gate,
    begin: async () => {
      gate.process.signal('SIGTERM');
      await gate.process.ended();
    },
    end: () => cluster.restart(gate),
  };
}

function gatePaused(gate: ChaosGate): Fault {
  return {
    name: `gate ${gate.id} is stopped for a while`,
    gate,
    begin: () => gate.process.signal('SIGSTOP'),
    end: () => gate.process.signal('SIGCONT'),
  };
}

interface Server {
  signal(signal: NodeJS.Signals): void;
  restart(): Promise<void>;
}

const paused = (name: string, server: Server): Fault => ({
  name,
  begin: () => server.signal('SIGSTOP'),
  end: () => server.signal('SIGCONT'),
});

const restarted = (name: string, server: Server): Fault => ({
  name,
  begin: async () => {
    server.signal('SIGKILL');
    await delay(aWhileMs / 3);
  },
  end: () => server.restart(),
});

function line(
  name: string,
  gate: ChaosGate,
  which: 'busLine' | 'storeLine',
  weather: 'cut' | 'stalled',
  isStore: boolean,
): Fault {
  return {
    name: `${name} (${gate.id})`,
    gate,
    store: isStore,
    begin: () => gate[which].set(weather),
    end: () => gate[which].set('clear'),
  };
}
