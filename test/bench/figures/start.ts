import {spawnSync} from 'node:child_process';
import {performance} from 'node:perf_hooks';
import {encodeCall} from '../../../src/bus/rpc/envelope.js';
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
  const count = quick ? 5 : 41;
  try {
    const times = rounds(cases, count, folder);
    const ofGatectl = [...get, '--registry', 'static:Gate@g1=mqant.gate.Gate.g1'];
    return [...figuresOf(cases, times), ...(await besideNatscli(nats.url, {folder, count, ofGatectl}))];
  } finally {
    await gates.stop();
  }
}

interface Compared {
  readonly folder: string;
  readonly count: number;
  readonly ofGatectl: readonly string[];
}

/** The same call beside natscli, which sends the bytes of a call to a node that answers at once; none without natscli. */
async function besideNatscli(server: string, {folder, count, ofGatectl}: Compared): Promise<Figure[]> {
  if (spawnSync('nats', ['--version']).status !== 0) return [];
  const address = 'bench.responder';
  const responder = await BenchProcess.start([process.execPath, bundled('responder'), server, address]);
  const empty = {cid: '1', replyTo: '', track: '', expired: 0, caller: 'bench', hostname: 'bench'};
  const call = encodeCall({...empty, fn: 'Send', reply: true, argsType: [], args: []}).toString();
  try {
    const times = {nats: [] as number[], gatectl: [] as number[]};
    for (let round = -2; round < count; round += 1) {
      const nats = wall(['req', address, call, '--raw', '--server', server], folder, 'nats');
      const gatectl = wall(ofGatectl, folder);
      if (round < 0) continue;
      times.nats.push(nats);
      times.gatectl.push(gatectl);
    }
    return [
      {
        name: 'one RPC from a fresh process, beside natscli',
        value: ms(median(times.gatectl)),
        floor: `nats req: ${ms(median(times.nats))}`,
        ratio: median(times.gatectl.map((one, round) => one / (times.nats[round] ?? Number.NaN))),
        target: atMost(2.2, 1.5),
      },
    ];
  } finally {
    await responder.stop();
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

function wall(argv: readonly string[], folder: string, file = process.execPath): number {
  const started = performance.now();
  const {status, stderr} = spawnSync(file, argv, {
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
