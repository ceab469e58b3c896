import {mqttReasonCodes} from '../mqtt/mqtt-protocol-error.js';
import type {SessionConnection} from './live-session.js';

/** Keeps the newest connection of each client id, for `take-over` [MQTT-3.1.4-2]. */
export class ConnectionsByClientId {
  private readonly newest = new Map<string, SessionConnection>();
  private readonly names = new Map<SessionConnection, string>();

  /** Closes the previous connection with this client id. */
  take(clientId: string, connection: SessionConnection): void {
    const before = this.newest.get(clientId);
    this.newest.set(clientId, connection);
    this.names.set(connection, clientId);
    before?.close('another client connected with the same client id', mqttReasonCodes.sessionTakenOver);
  }

  release(connection: SessionConnection): void {
    const clientId = this.names.get(connection);
    if (clientId === undefined) return;
    this.names.delete(connection);
    if (this.newest.get(clientId) === connection) this.newest.delete(clientId);
  }
}
