import type {RemoteSession} from './remote-session.js';
import type {HandlerResult} from './result.js';

/** A client's body: an object when the gate saw `{…}` in it (checked as JSON), else the bytes as they came. */
export type MessageBody = Readonly<Record<string, unknown>> | Uint8Array;

/** Where a call came from. */
export interface HandlerContext {
  /** The function that was called, `HD_say`. */
  readonly fn: string;
  /** Topic of the client's request, `HelloWorld/HD_say/1`; empty for a call by another module. */
  readonly topic: string;
  /** What the caller says of itself; both are free text, and empty before mqant v1.4.8. */
  readonly caller: string;
  readonly hostname: string;
}

/**
 * Serves one function of a module. What it returns is the client's `Result`; what it throws becomes the client's
 * `Error` (the message, never the stack) and ends nothing.
 */
export type Handler = (
  session: RemoteSession,
  body: MessageBody,
  context: HandlerContext,
) => HandlerResult | Promise<HandlerResult>;

/** Handlers by the name that clients call: names that clients may reach begin with `HD_`. */
export type Handlers = Readonly<Record<string, Handler>>;
