export interface DevOptions {
  /** Number of gates to start. */
  readonly gates: number;
  /** NATS URL to use instead of starting a bus. */
  readonly server?: string | undefined;
  /** Path of `nats-server`; by default PATH is searched. */
  readonly natsServer?: string | undefined;
  /** Uses the embedded bus even if `nats-server` is installed. */
  readonly embeddedBus?: boolean | undefined;
  /** Runs each gate in its own process, so that one can be stopped or killed. */
  readonly processes?: boolean | undefined;
}

export interface DemoOptions extends DevOptions {
  /** Number of simulated clients to keep connected. */
  readonly clients: number;
  /** The same seed results in the same players and actions. */
  readonly seed: number;
}
