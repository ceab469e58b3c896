import type {ClusterEvent, ClusterNode, GateOutcome, GateStatistics} from '../../../cluster/cluster.js';
import type {FeedAction} from '../action.js';
import type {GateSample, GateState} from '../gate-metrics.js';
import type {State} from '../state.js';

/** Maximum number of samples kept per gate, enough for a few minutes. */
const mostSamples = 150;
/**
 * How long a departed gate stays visible, in milliseconds. A gate that was silent before may only
 * be stopped, so it stays longer.
 */
const leftShownMs = {heard: 60_000, silent: 600_000};

type Gates = State['gates'];

export function reduceGates(state: State, news: FeedAction): State {
  switch (news.type) {
    case 'gates':
      return {...state, gates: registered(state.gates, news.nodes, news.at), registryFault: undefined};
    case 'no-gates':
      return {...state, registryFault: news.message}; // known gates may still be there
    case 'stats':
      return {...state, gates: sampled(state.gates, news)};
    case 'pings':
      return {...state, gates: answered(state.gates, news.outcomes, news.at)};
    case 'infos':
      return {...state, gates: changed(state.gates, news.results, (gate, info) => ({...gate, info}))};
    case 'heard':
      return withFeeds(state, news.events);
    default:
      return state;
  }
}

/** Removes gates that left some time ago. */
export function dropDepartedGates(gates: Gates, now: number): Gates {
  const isOver = ({leftAt, failure}: GateState) =>
    leftAt !== undefined && now - leftAt > (failure === undefined ? leftShownMs.heard : leftShownMs.silent);
  return [...gates.values()].some(isOver) ? new Map([...gates].filter(([, gate]) => !isOver(gate))) : gates;
}

const unknownGate = (id: string): GateState => ({
  id,
  node: undefined,
  leftAt: undefined,
  eventFeed: 'new',
  eventFeedMessage: '',
  answeredAt: undefined,
  failure: undefined,
  missing: undefined,
  roundTripMs: undefined,
  samples: [],
  info: undefined,
  gap: undefined,
});

function registered(gates: Gates, nodes: readonly ClusterNode[], at: number): Gates {
  const there = new Map(
    nodes.map((node) => {
      const known = gates.get(node.id) ?? unknownGate(node.id);
      return [node.id, {...known, node, leftAt: undefined}] as const;
    }),
  );
  const left = [...gates.values()]
    .filter(({id}) => !there.has(id))
    .map((gate) => [gate.id, {...gate, leftAt: gate.leftAt ?? at}] as const);
  const all: readonly (readonly [string, GateState])[] = [...there, ...left];
  return new Map([...all].sort(([one], [other]) => (one < other ? -1 : 1)));
}

function changed<T>(
  gates: Gates,
  news: ReadonlyMap<string, T>,
  change: (gate: GateState, news: T) => GateState,
): Gates {
  const next = new Map(gates);
  for (const [id, one] of news) {
    const gate = gates.get(id);
    if (gate !== undefined) next.set(id, change(gate, one));
  }
  return next;
}

function answered(gates: Gates, outcomes: readonly GateOutcome[], at: number): Gates {
  const byNode = new Map(outcomes.map((outcome) => [outcome.node, outcome]));
  return changed(gates, byNode, (gate, outcome) => heardFrom(gate, outcome, at));
}

/** Records that a gate answered. An error about a missing function counts as an answer. */
function heardFrom(gate: GateState, outcome: GateOutcome, at: number): GateState {
  const {status, reason = 'refused', message = '', ms} = outcome;
  if (status === 'ok') return {...gate, answeredAt: at, failure: undefined, roundTripMs: ms};
  if (reason === 'unsupported') return {...gate, answeredAt: at, failure: undefined, missing: message};
  return {...gate, failure: {reason, message, since: gate.failure?.since ?? at}};
}

function sampled(gates: Gates, {results, outcomes, at}: Extract<FeedAction, {type: 'stats'}>): Gates {
  const ms = new Map(outcomes.map((outcome) => [outcome.node, outcome.ms]));
  const isWhole = ({isAtLeast}: GateStatistics): boolean => isAtLeast !== true;
  return changed(answered(gates, outcomes, at), results, (gate, stats) => ({
    ...gate,
    missing: isWhole(stats) ? undefined : gate.missing,
    samples: [...gate.samples, sampleOf(stats, at, ms.get(gate.id) ?? 0)].slice(-mostSamples),
  }));
}

const sampleOf = (
  {now: gateNow, isAtLeast: _, ...totals}: GateStatistics,
  at: number,
  ms: number,
): GateSample => ({
  ...totals,
  at,
  gateNow,
  ms,
});

/** Applies gaps and state changes of event feeds. A gap marks all data as stale. */
function withFeeds(state: State, events: readonly ClusterEvent[]): State {
  const told = events.filter((event) => event.type !== 'event');
  if (told.length === 0) return state;
  const gates = new Map(state.gates);
  for (const event of told) {
    const gate = gates.get(event.node);
    if (gate !== undefined) gates.set(event.node, afterFeed(gate, event));
  }
  const isStale = told.some(
    (event) => event.type === 'gap' || event.state === 'watching' || event.state === 'gone',
  );
  return {...state, gates, generation: state.generation + (isStale ? 1 : 0)};
}

function afterFeed(gate: GateState, event: Exclude<ClusterEvent, {type: 'event'}>): GateState {
  if (event.type === 'gap') return {...gate, gap: {at: event.at, why: event.why}};
  if (event.state === 'gone')
    return {...gate, leftAt: event.at, eventFeed: 'silent', eventFeedMessage: event.message};
  return {...gate, eventFeed: event.state, eventFeedMessage: event.message};
}
