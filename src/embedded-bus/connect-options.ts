import {NatsProtocolError} from './protocol-error.js';

/** What a client says of itself in CONNECT, as far as it changes anything here. */
export interface ConnectOptions {
  readonly verbose: boolean;
  readonly echo: boolean;
  readonly headers: boolean;
  readonly noResponders: boolean;
}

/** As in nats-server, who says nothing gets an +OK for each line: people on telnet like that. */
export const defaultConnectOptions: ConnectOptions = {
  verbose: true,
  echo: true,
  headers: false,
  noResponders: false,
};

export function readConnect(json: string): ConnectOptions {
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
    // falls through to the same refusal as JSON that is no object
  }
  throw new NatsProtocolError('Parser Error');
}
