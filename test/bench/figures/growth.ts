import type {Cluster} from '../../../src/cluster/cluster.js';
import {openCluster} from '../../../src/cluster/gates/open-cluster.js';
import {parseSelector} from '../../../src/selector/selector.js';
import {BatchedRows} from '../../../src/session/fast/row-batch.js';
import {generatedSession} from '../../support/generated-gate.js';
import {startNats} from '../../support/nats.js';
import {atMost, type BenchOptions, type Figure, median, ms, type Suite, type Target, us} from '../figure.js';
import {BenchProcess, bundled} from '../processes.js';

/** Sessions in all, and gates that they are spread over. */
interface Size {
  readonly sessions: number;
  readonly gates: number;
}

interface Measured extends Size {
  /** Microseconds of wall time for one session of a listing. */
  readonly listUs: number;
  readonly filterUs: number;
  readonly getMs: number;
  readonly findMs: number;
  readonly lookUpMs: number;
}

/** So long the smallest cluster is listed until the clock starts. */
const warmMs = 2000;

const where = 'network == "tcp" && settings.room == "mqant-01"';

/** What the number of sessions is not to change. */
const flat = atMost(1.2, 1.05);

/** The same questions to clusters of more and more sessions, and of more and more gates. */
export const growthSuite: Suite = {name: 'growth', run: measure};

async function measure({quick, say}: BenchOptions): Promise<Figure[]> {
  const sizes: readonly Size[] = quick
    ? [
        {sessions: 1000, gates: 3},
        {sessions: 10_000, gates: 3},
        {sessions: 10_000, gates: 30},
      ]
    : [
        {sessions: 10_000, gates: 3},
        {sessions: 100_000, gates: 3},
        {sessions: 1_000_000, gates: 3},
        {sessions: 100_000, gates: 30},
        {sessions: 100_000, gates: 300},
        {sessions: 1_000_000, gates: 30},
        {sessions: 1_000_000, gates: 300},
      ];
  const all: Measured[] = [];
  for (const size of sizes) {
    all.push(await measureOne(size, quick ? 5 : 11));
    say(JSON.stringify(all.at(-1)));
  }
  return all.flatMap(figuresOf(all));
}

/** Each beside the smallest cluster of as many gates, or the one of as many sessions on three. */
function figuresOf(all: readonly Measured[]): (one: Measured) => Figure[] {
  return (one) => {
    const base =
      one.gates === 3 ? all[0] : all.find(({sessions, gates}) => gates === 3 && sessions === one.sessions);
    const isFlat = one.gates === 3 ? flat : undefined;
    const figure = (
      name: string,
      of: (some: Measured) => number,
      unit: (value: number) => string,
      target?: Target,
    ): Figure => {
      const ratio = base === undefined || base === one ? undefined : of(one) / of(base);
      const against = base === undefined ? '' : `${base.sessions} on ${base.gates} gates: ${unit(of(base))}`;
      return {
        name: `${one.sessions} on ${one.gates} gates, ${name}`,
        value: unit(of(one)),
        floor: against,
        ratio,
        target: ratio === undefined ? undefined : target,
      };
    };
    return [
      figure('list, a session', ({listUs}) => listUs, us, isFlat),
      figure('filter on the gates, a session', ({filterUs}) => filterUs, us),
      figure('get one by its id', ({getMs}) => getMs, ms, isFlat),
      figure('find by uid', ({findMs}) => findMs, ms),
      figure('find the gates', ({lookUpMs}) => lookUpMs, ms),
    ];
  };
}

async function measureOne({sessions, gates}: Size, rounds: number): Promise<Measured> {
  await using nats = await startNats();
  const processes = Math.min(3, gates);
  const [each, here] = [Math.ceil(sessions / gates), gates / processes];
  const started: BenchProcess[] = [];
  try {
    for (let at = 0; at < processes; at += 1) {
      const range = ['--gates', String(here), '--first', String(at * here + 1), '--sessions', String(each)];
      started.push(
        await BenchProcess.start([process.execPath, bundled('gates'), '--server', nats.url, ...range]),
      );
    }
    const open = (): Promise<Cluster> =>
      openCluster({server: nats.url, registry: 'nats://', gateType: 'Gate', timeoutMs: 60_000});
    const cluster = await open();
    const middle = generatedSession(Math.floor((each * gates) / 20) * 10 + 1, '');
    await warmUp(cluster); // the gates encode each session once, and no code is compiled while it is timed
    const selector = await parseSelector(where);
    const lists = await timed(Math.min(rounds, 5), () => listed(cluster));
    const filters = await timed(rounds, () => cluster.count({where: selector}));
    const gets = await timed(rounds * 3, () => cluster.locate(middle.sessionId));
    const finds = await timed(rounds * 3, () => cluster.find(middle.userId));
    const lookUps = await timed(Math.min(rounds, 5), async () => {
      const another = await open();
      const {length} = await another.gates();
      await another.close();
      if (length !== gates) throw new Error(`${length} gates were found of ${gates}`);
    });
    await cluster.close();
    const count = each * gates;
    return {
      sessions,
      gates,
      listUs: (lists * 1000) / count,
      filterUs: (filters * 1000) / count,
      getMs: gets,
      findMs: finds,
      lookUpMs: lookUps,
    };
  } finally {
    for (const one of started) await one.stop();
  }
}

async function warmUp(cluster: Cluster): Promise<void> {
  const end = performance.now() + warmMs;
  do await listed(cluster);
  while (performance.now() < end);
}

/** Takes every page and walks it. */
async function listed(cluster: Cluster): Promise<void> {
  const {rows, outcomes} = await cluster.list();
  let count = 0;
  if (!(rows instanceof BatchedRows)) throw new Error('the listing comes row by row');
  for await (const batch of rows.batches) count += batch.count;
  if (count === 0 || outcomes().some(({status}) => status !== 'ok'))
    throw new Error('the listing is not whole');
}

async function timed(rounds: number, work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return median(times);
}
