import {NatsProtocolError} from './protocol-error.js';

/** The members of CONNECT that this server uses. */
export interface ConnectOptions {
  readonly verbose: boolean;
  readonly echo: boolean;
  readonly headers: boolean;
  readonly noResponders: boolean;
}

/**
 * Options of a client before CONNECT. As in nats-server, it gets +OK for each line, which helps people using telnet.
 */
export const defaultConnectOptions: ConnectOptions = {
  verbose: true,
  echo: true,
  headers: false,
  noResponders: false,
};

export function parseConnectOptions(json: string): ConnectOptions {
  const fields = parse(json);
  const flag = (key: string, otherwise: boolean) =>
    typeof fields[key] === 'boolean' ? fields[key] : otherwise;
  const headers = flag('headers', defaultConnectOptions.headers);
  const noResponders = flag('no_responders', defaultConnectOptions.noResponders);
  if (noResponders && !headers) throw new NatsProtocolError('no responders requires headers support');
  return {verbose: flag('verbose', true), echo: flag('echo', true), headers, noResponders};
}

function parse(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // rejected below, like JSON that is not an object
  }
  throw new NatsProtocolError('Parser Error');
}
