import type {GateLimits} from '../node/gate-options.js';

/** Why a connection was turned away before it said anything. */
export type AddressRefusal =
  | 'too many connections of one address'
  | 'too many new connections of one address';

type Limits = Pick<GateLimits, 'connectionsPerAddress' | 'connectsPerAddressPerSecond'>;

interface AddressState {
  connections: number;
  /** New connections that are allowed now; refilled with time up to one second's worth. */
  tokens: number;
  refilledAt: number;
  /** Refused sign-ins, halved every minute. */
  failures: number;
  failedAt: number;
}

/** Addresses without a connection that are remembered for their rate and failures; the oldest are forgotten first. */
const maxRemembered = 100_000;
const forgottenAtOnce = 10_000;
const halfLifeMs = 60_000;
/** Failures that cost nothing: people mistype a password. */
const freeFailures = 3;
const firstPauseMs = 250;
/** Below the time in which clients give up on a CONNACK. */
const longestPauseMs = 8_000;

/** Counts the connections and the refused sign-ins of each address. All of an IPv6 /64 is one address. */
export class AddressLimits {
  private readonly states = new Map<string, AddressState>();
  /** Addresses with a connection. */
  private connected = 0;

  /** `limits` are read for each connection; `defaults` do not apply to loopback, where proxies and tests are. */
  constructor(
    private readonly limits: Limits,
    private readonly defaults: Limits,
    private readonly now: () => number,
  ) {}

  /** Counts a new connection, until `left` is called; or returns why it is refused. */
  entered(address: string): AddressRefusal | undefined {
    const state = this.stateOf(address);
    const {connectionsPerAddress, connectsPerAddressPerSecond} = this.limitsOf(address);
    if (connectionsPerAddress > 0 && state.connections >= connectionsPerAddress)
      return 'too many connections of one address';
    if (connectsPerAddressPerSecond > 0 && !this.take(state, connectsPerAddressPerSecond))
      return 'too many new connections of one address';
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

  /** A sign-in from the address was refused. */
  failed(address: string): void {
    const state = this.stateOf(address);
    state.failures = this.failuresOf(state) + 1;
    state.failedAt = this.now();
  }

  /** How long the next sign-in from the address waits, in milliseconds. */
  pauseMs(address: string): number {
    const state = this.states.get(rangeOf(address));
    if (state === undefined) return 0;
    const counted = Math.floor(this.failuresOf(state)) - freeFailures;
    return counted < 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** counted);
  }

  private limitsOf(address: string): Limits {
    if (!isLoopback(address)) return this.limits;
    const {connectionsPerAddress: all, connectsPerAddressPerSecond: rate} = this.limits;
    return {
      connectionsPerAddress: all === this.defaults.connectionsPerAddress ? 0 : all,
      connectsPerAddressPerSecond: rate === this.defaults.connectsPerAddressPerSecond ? 0 : rate,
    };
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
      if (this.states.size - this.connected >= maxRemembered) this.forgetOldest();
      const now = this.now();
      state = {connections: 0, tokens: Number.POSITIVE_INFINITY, refilledAt: now, failures: 0, failedAt: now};
      this.states.set(key, state);
    }
    return state;
  }

  /** Many at once: each pass over a Map also visits the places of entries that were deleted. */
  private forgetOldest(): void {
    let left = forgottenAtOnce;
    for (const [key, {connections}] of this.states) {
      if (connections > 0) continue;
      this.states.delete(key);
      left -= 1;
      if (left === 0) return;
    }
  }
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1';

/** The address itself, or the /64 of an IPv6 address, which is what one subscriber gets. */
function rangeOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const all = [...groups, ...Array.from({length: missing}, () => '0'), ...(tail ?? '').split(':')];
  return `${all.slice(0, 4).join(':')}::/64`;
}
