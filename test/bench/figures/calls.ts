import {connect, type NatsConnection} from 'nats';
import {type Argument, encodeArgument} from '../../../src/bus/arguments.js';
import {Caller} from '../../../src/bus/caller.js';
import {connectBus} from '../../../src/bus/connect.js';
import {encodeCall} from '../../../src/bus/envelope.js';
import {GateClient} from '../../../src/bus/gate-client.js';
import {startNats} from '../../support/nats.js';
import {atLeast, type BenchOptions, type Figure, median, perSecond, type Suite} from '../figure.js';
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
    const rates: Record<keyof typeof works, number[]> = {ours: [], lasting: [], request: []};
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
  rates: Record<'ours' | 'lasting' | 'request', number[]>,
  sequential: number,
): Figure[] {
  const ours = median(rates.ours);
  const request = median(rates.request);
  const against = (some: readonly number[]): number =>
    median(some.map((one, at) => one / (rates.request[at] ?? Number.NaN)));
  return [
    {
      name: `${count} Send calls, ${windowSize} at once`,
      value: perSecond(ours),
      floor: `nc.request ${perSecond(request)}`,
      ratio: against(rates.ours),
      target: atLeast(3, 4),
    },
    {
      name: `the same on a connection that comes back by itself`,
      value: perSecond(median(rates.lasting)),
      floor: `nc.request ${perSecond(request)}`,
      ratio: against(rates.lasting),
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
  const text = (value: string): Argument => ({type: 'string', value});
  const trace: Argument = {type: 'trace', value: {trace: '00000000000000a1', span: '00000000000000b2'}};
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

/** Calls a second, with so many under way. */
async function rate(work: Work, count: number, window: number): Promise<number> {
  const started = performance.now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await work(next);
    }
  };
  await Promise.all(Array.from({length: window}, lane));
  return (count / (performance.now() - started)) * 1000;
}
