/** Whether a gate accepts new sessions. A draining gate refuses them until it is resumed or restarted. */
export type GateServiceState = 'serving' | 'draining';

/** Returns a gate's state for display: a draining gate without sessions is drained. */
export function displayedGateState({
  state,
  sessions,
}: {
  readonly state?: GateServiceState | undefined;
  readonly sessions: number;
}): GateServiceState | 'drained' | undefined {
  return state === 'draining' && sessions === 0 ? 'drained' : state;
}

/** State of a gate after GatectlDrain, with its session count. */
export interface DrainState {
  readonly state: GateServiceState;
  readonly sessions: number;
}

/** Condition of a gate's process. What the gate cannot measure is absent, never 0. */
export interface GateHealth {
  /** Bytes that wait to be sent, in all connections of clients. */
  readonly waitingBytes?: number | undefined;
  /** Longest time that the event loop was held in the last 10 to 20 s, in milliseconds. */
  readonly loopDelayMs?: number | undefined;
  /** Memory of the process that is in RAM. */
  readonly residentBytes?: number | undefined;
  /** Memory in use on the heap. */
  readonly heapBytes?: number | undefined;
  /** Size at which the heap is full and the process ends. */
  readonly heapLimitBytes?: number | undefined;
  readonly goroutines?: number | undefined;
}

export const healthMemberNames = [
  'waitingBytes',
  'loopDelayMs',
  'residentBytes',
  'heapBytes',
  'heapLimitBytes',
  'goroutines',
] as const satisfies readonly (keyof GateHealth)[];

/** Values from which doctor warns and the dashboard colours a gate. */
export const healthThresholds = {
  /** As much as 32 clients that do not read, each at the default `limits.queueBytes`. */
  waitingBytes: {warn: 32 * 2 ** 20, bad: 256 * 2 ** 20},
  loopDelayMs: {warn: 200, bad: 1000},
  /** Share of the heap's limit. Beyond, garbage collection takes most of the processor's time. */
  heapShare: {warn: 0.75, bad: 0.9},
} as const;

export type HealthAspect = keyof typeof healthThresholds;

/** Used share of the heap; undefined where the limit is unknown. */
function heapShareOf({heapBytes, heapLimitBytes = 0}: GateHealth): number | undefined {
  return heapBytes === undefined || heapLimitBytes === 0 ? undefined : heapBytes / heapLimitBytes;
}

/** Returns `warn` or `bad` for a value at or above its threshold; undefined below it and for unknown values. */
export function healthLevel(health: GateHealth, aspect: HealthAspect): 'warn' | 'bad' | undefined {
  const value = aspect === 'heapShare' ? heapShareOf(health) : health[aspect];
  const {warn, bad} = healthThresholds[aspect];
  if (value === undefined || value < warn) return undefined;
  return value < bad ? 'warn' : 'bad';
}
