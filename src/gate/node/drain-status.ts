import type {GateServiceState} from '../../session/gate-health.js';

/** Whether the gate is being drained. The state is not kept across restarts. */
export class DrainStatus {
  state: GateServiceState = 'serving';
  /** Called after each change, to publish the state in the registry. */
  onChange: (state: GateServiceState) => void = () => {};

  get isActive(): boolean {
    return this.state === 'draining';
  }

  set(isActive: boolean): void {
    const state = isActive ? 'draining' : 'serving';
    if (state === this.state) return;
    this.state = state;
    this.onChange(state);
  }
}

/**
 * Returns the metadata by which mqant projects choose gates. The selector in mqant's documentation skips nodes whose
 * `state` is `forbidden` or whose `weight` is 0; `selector.FilterLabel("state", "alive")` accepts only nodes with
 * that label.
 */
export const registryMetadataOfState = (state: GateServiceState): Readonly<Record<string, string>> =>
  state === 'draining' ? {state: 'forbidden', weight: '0'} : {state: 'alive'};
