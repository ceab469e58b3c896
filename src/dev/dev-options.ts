export interface DevOptions {
  /** Number of gates to start. */
  readonly gates: number;
  /** NATS URL to use instead of starting a bus. */
  readonly server?: string | undefined;
  /** Path of `nats-server`; if undefined, PATH is searched. */
  readonly natsServer?: string | undefined;
  /** Whether to use the embedded bus even if `nats-server` is installed. */
  readonly embeddedBus?: boolean | undefined;
  /** Whether to run each gate in its own process, so that it can be stopped or killed. */
  readonly processes?: boolean | undefined;
}

export interface DemoOptions extends DevOptions {
  /** Number of simulated clients to keep connected. */
  readonly clients: number;
  /** Seed of the simulation. The same seed produces the same players and actions. */
  readonly seed: number;
}
