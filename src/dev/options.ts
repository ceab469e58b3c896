export interface DevOptions {
  /** How many gates to start. */
  readonly gates: number;
  /** NATS URL to use instead of a bus of our own. */
  readonly server?: string | undefined;
  /** A `nats-server` program to start; without it PATH is searched. */
  readonly natsServer?: string | undefined;
  /** Never look for `nats-server`: use the embedded bus. */
  readonly embeddedBus?: boolean | undefined;
  /** Each gate in a process of its own, so that one can be stopped or killed. */
  readonly processes?: boolean | undefined;
}

export interface DemoOptions extends DevOptions {
  /** How many simulated clients to keep connected. */
  readonly clients: number;
  /** Same seed, same people doing the same things. */
  readonly seed: number;
}
