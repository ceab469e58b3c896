import {spawnSync} from 'node:child_process';
import {performance} from 'node:perf_hooks';
import {encodeSession} from '../../../src/session/codec/session-protobuf.js';
import {generatedSession} from '../../support/generated-gate.js';
import {startNats} from '../../support/nats.js';
import {atMost, type BenchOptions, type Figure, median, ms, type Suite, type Target} from '../figure.js';
import {BenchProcess, benchEnvironment, bundled, inFolder, program, runNode} from '../processes.js';

interface Case {
  readonly name: string;
  readonly argv: readonly string[];
  readonly target?: Target;
  readonly note?: string;
}

const floor: Case = {name: 'node -e 0', argv: ['-e', '0']};

/** Whole processes in random order, each ratio from one round; beside it that of CPU times, which a busy machine moves less. */
export const startSuite: Suite = {
  name: 'start',
  run: (options) => inFolder((folder) => measure(options, folder)),
};

async function measure({quick}: BenchOptions, folder: string): Promise<Figure[]> {
  await using nats = await startNats();
  const gates = await BenchProcess.start([
    process.execPath,
    bundled('gates'),
    ...['--server', nats.url, '--gates', '1', '--sessions', '1000'],
  ]);
  const session = encodeSession(generatedSession(1, 'Gate@ef3baf91ee4eda8d')).toString('hex');
  const reference = `Gate@g1/${generatedSession(1, 'Gate@g1').sessionId}`;
  const get = [program, '--server', nats.url, 'sessions', 'get', reference];
  const cases: readonly Case[] = [
    floor,
    {name: 'gatectl --version', argv: [program, '--version'], target: atMost(1.35, 1.1)},
    {name: 'gatectl --help', argv: [program, '--help'], target: atMost(1.35, 1.1)},
    {
      name: `gatectl decode of ${session.length / 2} B`,
      argv: [program, 'decode', session, '-o', 'json'],
      target: atMost(1.35, 1.1),
    },
    {
      name: 'one RPC from a fresh process (sessions get)',
      argv: [...get, '--registry', 'static:Gate@g1=mqant.gate.Gate.g1'],
      target: atMost(1.9, 1.35),
    },
    {name: 'the same, the gate found on the bus', argv: get},
  ];
  try {
    const times = rounds(cases, quick ? 5 : 41, folder);
    return figuresOf(cases, times);
  } finally {
    await gates.stop();
  }
}

/** How long one process took (milliseconds). CPU time is that of another run, which a preloaded counter makes a little longer. */
interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}

function rounds(cases: readonly Case[], count: number, folder: string): readonly Took[][] {
  const times: Took[][] = cases.map(() => []);
  for (let round = -2; round < count; round += 1) {
    for (const at of [...cases.keys()].sort(() => Math.random() - 0.5)) {
      const argv = cases[at]?.argv ?? [];
      const took = {ms: wall(argv, folder), cpuMs: runNode(argv, folder).cpuMs};
      if (round >= 0) times[at]?.push(took);
    }
  }
  return times;
}

function wall(argv: readonly string[], folder: string): number {
  const started = performance.now();
  const {status, stderr} = spawnSync(process.execPath, argv, {
    env: benchEnvironment(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

function figuresOf(cases: readonly Case[], times: readonly Took[][]): Figure[] {
  const bare = times[0] ?? [];
  return cases.slice(1).map(({name, target, note}, at) => {
    const some = times[at + 1] ?? [];
    const medianOf = (all: readonly Took[], field: keyof Took) => median(all.map((one) => one[field]));
    const against = (field: keyof Took) =>
      median(some.map((one, round) => one[field] / (bare[round]?.[field] ?? Number.NaN)));
    return {
      name,
      value: `${ms(medianOf(some, 'ms'))}, CPU ${ms(medianOf(some, 'cpuMs'))}`,
      floor: `node -e 0: ${ms(medianOf(bare, 'ms'))}, CPU ${ms(medianOf(bare, 'cpuMs'))}`,
      ratio: against('ms'),
      target,
      note: note ?? `in CPU time ${against('cpuMs').toFixed(2)}`,
    };
  });
}
