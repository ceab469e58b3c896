import {startNats} from '../../support/nats.js';
import {
  atLeast,
  atMost,
  type BenchOptions,
  type Figure,
  median,
  ms,
  type Suite,
  type Target,
} from '../figure.js';
import {about, BenchProcess, bundled, inFolder, paired, program, type Run, runNode} from '../processes.js';

const gates = 3;
const where = 'network == "tcp" && settings.room == "mqant-01"';

interface Case {
  readonly name: string;
  readonly argv: readonly string[];
  readonly target?: Target;
  readonly rssMb?: number;
  readonly note?: string;
}

/** A million sessions over three gates, a process each. */
export const listSuite: Suite = {
  name: 'list',
  run: (options) => inFolder((folder) => measure(options, folder)),
};

async function measure({quick, say}: BenchOptions, folder: string): Promise<Figure[]> {
  const all = quick ? 60_000 : 1_000_000;
  const rounds = quick ? 3 : 5;
  const figures = await onGates(all, ['--plain'], async (server, sessions) => {
    say(`${sessions} sessions on ${gates} gates`);
    return await compare({folder, server, rounds, sessions, say});
  });
  return [...figures, ...(await compareNames(Math.ceil(all / 5), rounds, folder))];
}

/** Calls `use` with the server and the number of sessions of gates that are a process each. */
async function onGates<T>(
  all: number,
  options: readonly string[],
  use: (server: string, sessions: number) => Promise<T>,
): Promise<T> {
  const each = Math.ceil(all / gates);
  await using nats = await startNats();
  const file = bundled('gates');
  const clusters = await Promise.all(
    Array.from({length: gates}, (_, at) => {
      const own = ['--gates', '1', '--first', String(at + 1), '--sessions', String(each), ...options];
      return BenchProcess.start([process.execPath, file, '--server', nats.url, ...own]);
    }),
  );
  try {
    return await use(nats.url, each * gates);
  } finally {
    for (const gate of clusters) await gate.stop();
  }
}

/** The same listings of sessions with uids of Chinese names and of plain ASCII, of equally many bytes. */
async function compareNames(all: number, rounds: number, folder: string): Promise<Figure[]> {
  return await onGates(all, ['--uid-prefix', '玩家'], async (chinese, sessions) =>
    onGates(all, ['--uid-prefix', 'user--'], async (ascii) =>
      ['jsonl', 'table'].map((format): Figure => {
        const argv = ['--timeout', '30s', 'sessions', 'list', '-o', format];
        const [ours, floor] = [[] as Run[], [] as Run[]];
        for (let round = 0; round < rounds; round += 1) {
          ours.push(runNode([program, '--server', chinese, ...argv], folder));
          floor.push(runNode([program, '--server', ascii, ...argv], folder));
        }
        return {
          name: `${sessions} sessions with Chinese uids, to ${format}`,
          value: about(ours),
          floor: `ASCII ${about(floor)}`,
          ratio: paired(ours, floor),
        };
      }),
    ),
  );
}

interface Place {
  readonly folder: string;
  readonly server: string;
  readonly rounds: number;
  readonly sessions: number;
  readonly say: (line: string) => void;
}

/** What a session takes of a page; a floor that has taken less has not taken all. */
const leastRowBytes = 244;

async function compare(place: Place): Promise<Figure[]> {
  const {folder, server, rounds, sessions, say} = place;
  const [floorClient, naiveClient] = [bundled('floor-client'), bundled('naive-client')];
  const addresses = Array.from({length: gates}, (_, at) => `mqant.gate.Gate.g${at + 1}`);
  const cli = (argv: readonly string[]): readonly string[] => [
    program,
    '--server',
    server,
    '--timeout',
    '30s',
    ...argv,
  ];
  const list = ['sessions', 'list'];
  const onPlain = ['--gate-type', 'Plain'];
  const uid = `user-${String(Math.floor(sessions / 2 / 10) * 10 + 1).padStart(8, '0')}`;
  const cases: readonly Case[] = [
    {
      name: 'walked in the client: filter and count',
      argv: [...onPlain, 'sessions', 'count', '--where', where],
      target: atMost(2.2, 1.15),
      rssMb: 200,
    },
    {
      name: 'filter in the client to JSONL',
      argv: [...onPlain, ...list, '--where', where, '-o', 'jsonl'],
      target: atMost(2.2, 1.15),
      rssMb: 200,
    },
    {name: 'to JSONL', argv: [...list, '-o', 'jsonl'], target: atMost(4.5, 1.35), rssMb: 200},
    {name: 'to a table, whole', argv: [...list, '-o', 'table'], target: atMost(3.5, 1.8), rssMb: 200},
    {name: 'to tsv', argv: [...list, '-o', 'tsv'], target: atMost(3.5, 1.8), rssMb: 200},
    {name: 'to a table of 500', argv: [...list, '-o', 'table', '--limit', '500']},
    {name: 'count, told by the gates', argv: ['sessions', 'count']},
    {name: 'filter on the gates to a count', argv: ['sessions', 'count', '--where', where]},
    {name: 'filter on the gates to JSONL', argv: [...list, '--where', where, '-o', 'jsonl']},
    {name: 'find by uid', argv: ['sessions', 'find', uid]},
  ];
  const floor: Run[] = [];
  const naive: Run[] = [];
  const runs = cases.map((): Run[] => []);
  const takePages = (): Run =>
    runNode([floorClient, server, String(sessions * leastRowBytes), ...addresses], folder);
  takePages(); // the gates encode each session once
  for (let round = 0; round < rounds; round += 1) {
    floor.push(takePages());
    for (const [at, {argv}] of cases.entries()) runs[at]?.push(runNode(cli(argv), folder));
    if (round < 2) naive.push(runNode([naiveClient, server, ...addresses], folder));
    say(`round ${round + 1} of ${rounds}`);
  }
  const floorMs = median(floor.map((run) => run.ms));
  const jsonl = runs[2] ?? [];
  return [
    {
      name: `${sessions} sessions, pages taken and dropped`,
      value: about(floor),
      note: 'the floor of those below: whole processes, the same gates, the same bytes',
    },
    ...cases.map(({name, target, rssMb}, at): Figure => {
      const some = runs[at] ?? [];
      const rss = median(some.map((run) => run.rssBytes)) / 1e6;
      const fits = rssMb === undefined || rss <= rssMb;
      return {
        name: `${sessions} sessions, ${name}`,
        value: about(some),
        floor: ms(floorMs),
        ratio: paired(some, floor),
        target,
        note: fits ? undefined : `memory above ${rssMb} MB`,
      };
    }),
    {
      name: `${sessions} sessions, to JSONL, beside nats + protobufjs + JSON.stringify`,
      value: about(jsonl),
      floor: about(naive),
      ratio: median(naive.map((run) => run.ms)) / median(jsonl.map((run) => run.ms)),
      target: atLeast(3, 10),
    },
  ];
}
