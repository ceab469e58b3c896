import type {GateLimits} from '../node/gate-options.js';

/** The limits that can refuse a connection before it has sent anything. */
type AddressLimit = 'connectionsPerAddress' | 'connectsPerAddressPerSecond';

type Limits = Pick<GateLimits, 'connectionsPerAddress' | 'connectsPerAddressPerSecond' | 'refusalPauseMs'>;

interface AddressState {
  connections: number;
  /** Number of new connections allowed now. Refilled over time, up to the number for one second. */
  tokens: number;
  refilledAt: number;
  /** Number of refused sign-ins; halved every minute. */
  failures: number;
  failedAt: number;
}

/**
 * Maximum number of disconnected addresses that are remembered, for their rate and failures. The oldest are evicted
 * first.
 */
const maxRemembered = 100_000;
const evictedAtOnce = 10_000;
const halfLifeMs = 60_000;
/** Number of failures without a delay, because people mistype passwords. */
const freeFailures = 3;
const firstPauseMs = 250;

/** Counts connections and refused sign-ins by address. An IPv6 /64 counts as one address. */
export class AddressLimits {
  private readonly states = new Map<string, AddressState>();
  /** Number of addresses that have a connection. */
  private connected = 0;

  /**
   * `limits` is read for each connection. A limit equal to its value in `defaults` does not apply to loopback, which
   * proxies and tests use.
   */
  constructor(
    private readonly limits: Limits,
    private readonly defaults: Limits,
    private readonly now: () => number,
  ) {}

  /** Counts a new connection, until `left` is called. If a limit refuses it, returns that limit instead. */
  entered(address: string): AddressLimit | undefined {
    const state = this.stateOf(address);
    const connectionsPerAddress = this.limitOf(address, 'connectionsPerAddress');
    const connectsPerAddressPerSecond = this.limitOf(address, 'connectsPerAddressPerSecond');
    if (connectionsPerAddress > 0 && state.connections >= connectionsPerAddress)
      return 'connectionsPerAddress';
    if (connectsPerAddressPerSecond > 0 && !this.take(state, connectsPerAddressPerSecond))
      return 'connectsPerAddressPerSecond';
    if (state.connections === 0) this.connected += 1;
    state.connections += 1;
    return undefined;
  }

  left(address: string): void {
    const key = rangeOf(address);
    const state = this.states.get(key);
    if (state === undefined) return;
    state.connections -= 1;
    if (state.connections > 0) return;
    this.connected -= 1;
    if (state.failures === 0 && this.isFull(state)) this.states.delete(key);
  }

  /** Records a refused sign-in from the address. */
  failed(address: string): void {
    const state = this.stateOf(address);
    state.failures = this.failuresOf(state) + 1;
    state.failedAt = this.now();
  }

  /** Returns the delay before the address's next sign-in, in milliseconds. */
  pauseMs(address: string): number {
    const state = this.states.get(rangeOf(address));
    if (state === undefined) return 0;
    const counted = Math.round(this.failuresOf(state)) - freeFailures;
    return counted < 0 ? 0 : Math.min(this.limitOf(address, 'refusalPauseMs'), firstPauseMs * 2 ** counted);
  }

  private limitOf(address: string, name: keyof Limits): number {
    const limit = this.limits[name];
    return limit === this.defaults[name] && isLoopback(address) ? 0 : limit;
  }

  private take(state: AddressState, perSecond: number): boolean {
    const now = this.now();
    state.tokens = Math.min(perSecond, state.tokens + ((now - state.refilledAt) / 1000) * perSecond);
    state.refilledAt = now;
    if (state.tokens < 1) return false;
    state.tokens -= 1;
    return true;
  }

  private isFull(state: AddressState): boolean {
    return this.now() - state.refilledAt >= 1000;
  }

  private failuresOf({failures, failedAt}: AddressState): number {
    return failures === 0 ? 0 : failures * 0.5 ** ((this.now() - failedAt) / halfLifeMs);
  }

  private stateOf(address: string): AddressState {
    const key = rangeOf(address);
    let state = this.states.get(key);
    if (state === undefined) {
      if (this.states.size - this.connected >= maxRemembered) this.evictOldest();
      const now = this.now();
      state = {connections: 0, tokens: Number.POSITIVE_INFINITY, refilledAt: now, failures: 0, failedAt: now};
      this.states.set(key, state);
    }
    return state;
  }

  /** Evicts in batches, because every iteration over a Map also visits the slots of deleted entries. */
  private evictOldest(): void {
    let left = evictedAtOnce;
    for (const [key, {connections}] of this.states) {
      if (connections > 0) continue;
      this.states.delete(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/**
 * Returns the range that counts as one address: the address itself or, for IPv6, its /64, which is what one
 * subscriber gets.
 */
function rangeOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array.from({length: missing}, () => '0'), ...(tail ?? '').split(':')];
  return `${all.slice(0, 4).join(':')}::/64`;
}
