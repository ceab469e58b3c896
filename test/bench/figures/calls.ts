import {connect, type NatsConnection} from 'nats';
import {connectBus} from '../../../src/bus/connect/connect-bus.js';
import {GateClient} from '../../../src/bus/gate/gate-client.js';
import {Caller} from '../../../src/bus/rpc/caller.js';
import {encodeCall} from '../../../src/bus/rpc/envelope.js';
import {encodeArgument, type RpcArgument} from '../../../src/bus/rpc/rpc-arguments.js';
import {startNats} from '../../support/nats.js';
import {atLeast, type BenchOptions, type Figure, median, perSecond, type Suite, us} from '../figure.js';
import {BenchProcess, bundled} from '../processes.js';

const nodes = 3;
/** Calls under way at once. */
const windowSize = 1024;
const topic = '/bench';
const body = Buffer.alloc(60);

type Work = (at: number) => Promise<unknown>;

/** Single-session calls to three nodes that answer at once, by our caller and by the package's own request. */
export const callSuite: Suite = {name: 'calls', run: measure};

async function measure({quick, say}: BenchOptions): Promise<Figure[]> {
  const count = quick ? 10_000 : 100_000;
  await using nats = await startNats();
  const file = bundled('responder');
  const addresses = Array.from({length: nodes}, (_, at) => `mqant.gate.Gate.r${at}`);
  const responders = await Promise.all(
    addresses.map((address) => BenchProcess.start([process.execPath, file, nats.url, address])),
  );
  const bus = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: false});
  const lasting = await connectBus({server: nats.url, timeoutMs: 5000, reconnect: true});
  const theirs = await connect({servers: nats.url});
  const callers = [bus, lasting].map(
    (one) => new Caller(one, {caller: 'bench', hostname: 'bench', timeoutMs: 30_000}),
  );
  try {
    const works = {
      ours: sends(callers[0] as Caller, addresses),
      lasting: sends(callers[1] as Caller, addresses),
      request: requests(theirs, addresses),
    };
    const rates: Record<keyof typeof works, Rate[]> = {ours: [], lasting: [], request: []};
    const names = Object.keys(works) as (keyof typeof works)[];
    for (const name of names) await rate(works[name], count / 10, windowSize);
    for (let round = 0; round < (quick ? 3 : 5); round += 1) {
      for (const name of round % 2 === 0 ? names : names.toReversed())
        rates[name].push(await rate(works[name], count, windowSize));
      say(`round ${round + 1}`);
    }
    const sequential = await rate(works.request, count / 20, 1);
    return figures(count, rates, sequential);
  } finally {
    for (const caller of callers) caller.close();
    await Promise.all([bus.close(), lasting.close(), theirs.close()]);
    for (const one of responders) await one.stop();
  }
}

function figures(
  count: number,
  rates: Record<'ours' | 'lasting' | 'request', Rate[]>,
  {perSecond: sequential}: Rate,
): Figure[] {
  const medianOf = (some: readonly Rate[], field: keyof Rate): number =>
    median(some.map((one) => one[field]));
  const against = (some: readonly Rate[], field: keyof Rate): number =>
    median(some.map((one, at) => one[field] / (rates.request[at]?.[field] ?? Number.NaN)));
  const ours = medianOf(rates.ours, 'perSecond');
  const request = medianOf(rates.request, 'perSecond');
  return [
    {
      name: `${count} Send calls, ${windowSize} at once`,
      value: perSecond(ours),
      floor: `nc.request ${perSecond(request)}`,
      ratio: against(rates.ours, 'perSecond'),
      target: atLeast(3, 4),
    },
    {
      name: `the same in CPU time of the caller, a call`,
      value: us(medianOf(rates.ours, 'cpuUs')),
      floor: `nc.request ${us(medianOf(rates.request, 'cpuUs'))}`,
      ratio: 1 / against(rates.ours, 'cpuUs'),
      note: 'which other work on the machine moves less',
    },
    {
      name: `the same on a reconnecting connection`,
      value: perSecond(medianOf(rates.lasting, 'perSecond')),
      floor: `nc.request ${perSecond(request)}`,
      ratio: against(rates.lasting, 'perSecond'),
      note: 'as the dashboard and gates have it',
    },
    {
      name: 'the same beside one request after the other',
      value: perSecond(ours),
      floor: `nc.request ${perSecond(sequential)}`,
      ratio: ours / sequential,
      target: atLeast(12, 50),
    },
  ];
}

const idOf = (at: number): string => (0xf00d_0000_0000 + at).toString(16).padStart(16, '0');

/** Everything that `gatectl send` does for one session once it knows the gate. */
function sends(caller: Caller, addresses: readonly string[]): Work {
  const gates = addresses.map(
    (address, at) =>
      new GateClient({
        caller,
        maxPayloadBytes: 2 ** 20,
        target: {node: `Gate@r${at}`, address, subjectPerFunction: false},
      }),
  );
  return (at) => (gates[at % nodes] as GateClient).send(idOf(at), topic, body);
}

/** The same bytes by the package's request. */
function requests(connection: NatsConnection, addresses: readonly string[]): Work {
  const text = (value: string): RpcArgument => ({type: 'string', value});
  const trace: RpcArgument = {type: 'trace', value: {trace: '00000000000000a1', span: '00000000000000b2'}};
  return async (at) => {
    const args = [trace, text(idOf(at)), text(topic), {type: 'bytes', value: body} as const].map(
      encodeArgument,
    );
    const call = encodeCall({
      cid: String(at),
      fn: 'Send',
      replyTo: '',
      track: '',
      expired: 0,
      reply: true,
      argsType: args.map(({type}) => type),
      args: args.map(({bytes}) => bytes),
      caller: 'bench',
      hostname: 'bench',
    });
    await connection.request(addresses[at % nodes] ?? '', call, {timeout: 30_000});
  };
}

interface Rate {
  readonly perSecond: number;
  /** CPU time of this process, a call (microseconds). */
  readonly cpuUs: number;
}

/** How fast calls are answered, with so many under way. */
async function rate(work: Work, count: number, window: number): Promise<Rate> {
  const started = performance.now();
  const before = process.cpuUsage();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next);
    }
  };
  await Promise.all(Array.from({length: window}, lane));
  const {user, system} = process.cpuUsage(before);
  return {perSecond: (count / (performance.now() - started)) * 1000, cpuUs: (user + system) / count};
}
