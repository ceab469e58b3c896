import type {BusStatus} from '../bus.js';

/** Describes a connection change in one line; undefined for the end, which has an error of its own. */
export function statusLine(status: BusStatus, server: string, lostForMs: number): string | undefined {
  switch (status) {
    case 'disconnected':
      return `lost the connection to NATS at ${server}: reconnecting`;
    case 'refused':
      return `NATS at ${server} refused the sign-in: trying again`;
    case 'reconnected':
      return `reconnected to NATS at ${server} after ${(lostForMs / 1000).toFixed(1)} s`;
    default:
      return undefined;
  }
}
