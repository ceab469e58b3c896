import type {HandlerResult} from './handler-result.js';
import type {RemoteSession} from './remote-session.js';

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
  /** Calls another module, or another node of this one: `call('Bag', 'Count', uid)`. */
  readonly call: ModuleCall;
}

/** What a call to another module may carry, each as the mqant type that a handler's result would have. */
export type CallValue = string | number | bigint | boolean | Uint8Array | object | null | RemoteSession;

/**
 * Calls a function of a module by its type (any node of it) or its node id. Resolves with the result as a value of
 * JavaScript; rejects with NegativeError when there is no such module or it answers with an error, with CallError when it
 * does not answer.
 */
export type ModuleCall = (node: string, fn: string, ...args: readonly CallValue[]) => Promise<unknown>;

/** A function that other modules call: no session, and as many arguments as they send. */
export type ModuleFunction = (
  args: readonly unknown[],
  context: HandlerContext,
) => HandlerResult | Promise<HandlerResult>;

/** Functions for other modules by name. mqant's convention is a name that does not begin with `HD_`. */
export type ModuleFunctions = Readonly<Record<string, ModuleFunction>>;

/**
 * A handler with checked input: `parse` gets the body and gives what the handler wants, or throws, and then its message
 * is the client's `Error`.
 */
export function withInput<T>(
  parse: (body: MessageBody) => T,
  handle: (
    session: RemoteSession,
    input: T,
    context: HandlerContext,
  ) => HandlerResult | Promise<HandlerResult>,
): Handler {
  return (session, body, context) => handle(session, parse(body), context);
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
