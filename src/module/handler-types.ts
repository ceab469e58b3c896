import type {HandlerResult} from './handler-result.js';
import type {RemoteSession} from './remote-session.js';

/** Body of a client's message: an object if the gate recognised a JSON object, otherwise the bytes. */
export type MessageBody = Readonly<Record<string, unknown>> | Uint8Array;

/** Where a call came from, and a function to call other modules. */
export interface HandlerContext {
  /** Name of the called function, such as `HD_say`. */
  readonly fn: string;
  /** Topic of the client's request, such as `HelloWorld/HD_say/1`; empty for a call from another module. */
  readonly topic: string;
  /** Names of the caller, as it gives them. Both are free text, and empty before mqant v1.4.8. */
  readonly caller: string;
  readonly hostname: string;
  /** Calls another module, or another node of this module: `call('Bag', 'Count', uid)`. */
  readonly call: ModuleCall;
}

/** Arguments of a call to another module. They are converted to mqant types like the results of handlers. */
export type CallValue = string | number | bigint | boolean | Uint8Array | object | null | RemoteSession;

/**
 * Calls a function of another module, by the module's type (on any of its nodes) or by node id. Resolves with the
 * result as a JavaScript value. Rejects with NegativeError if the module does not exist or replies with an error, and
 * with CallError if it does not reply.
 */
export type ModuleCall = (node: string, fn: string, ...args: readonly CallValue[]) => Promise<unknown>;

/** A function for other modules. It receives their arguments; there is no session unless the caller passes one. */
export type ModuleFunction = (
  args: readonly unknown[],
  context: HandlerContext,
) => HandlerResult | Promise<HandlerResult>;

/** Functions for other modules, by name. By mqant's convention, names do not begin with `HD_`. */
export type ModuleFunctions = Readonly<Record<string, ModuleFunction>>;

/** Returns a handler whose input is parsed first. If `parse` throws, the client gets its message as `Error`. */
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
 * Serves one function of a module. The client gets the returned value as `Result`. If the handler throws, the client
 * gets the message (never the stack) as `Error`, and the module keeps running.
 */
export type Handler = (
  session: RemoteSession,
  body: MessageBody,
  context: HandlerContext,
) => HandlerResult | Promise<HandlerResult>;

/** Handlers by function name. Clients can only call names that begin with `HD_`. */
export type Handlers = Readonly<Record<string, Handler>>;
