import type {HandlerResult} from './handler-result.js';
import type {RemoteSession} from './remote-session.js';

/** The body of a client's message: an object if the gate recognised a JSON object, else the raw bytes. */
export type MessageBody = Readonly<Record<string, unknown>> | Uint8Array;

/** Origin of a call, and the means to call other modules. */
export interface HandlerContext {
  /** Name of the called function, such as `HD_say`. */
  readonly fn: string;
  /** Topic of the client's request, `HelloWorld/HD_say/1`; empty for a call by another module. */
  readonly topic: string;
  /** Names that the caller gives itself. Both are free text, and empty before mqant v1.4.8. */
  readonly caller: string;
  readonly hostname: string;
  /** Calls another module, or another node of this one: `call('Bag', 'Count', uid)`. */
  readonly call: ModuleCall;
}

/** Arguments of a call to another module. Each takes the mqant type that a handler's result would have. */
export type CallValue = string | number | bigint | boolean | Uint8Array | object | null | RemoteSession;

/**
 * Calls a function of another module by its type (any of its nodes) or its node id. Resolves with the result
 * as a JavaScript value. Rejects with NegativeError if the module does not exist or replies with an error,
 * and with CallError if it does not reply.
 */
export type ModuleCall = (node: string, fn: string, ...args: readonly CallValue[]) => Promise<unknown>;

/** A function for other modules: it receives their arguments, and no session unless one is passed. */
export type ModuleFunction = (
  args: readonly unknown[],
  context: HandlerContext,
) => HandlerResult | Promise<HandlerResult>;

/** Functions for other modules by name. mqant's convention is a name that does not begin with `HD_`. */
export type ModuleFunctions = Readonly<Record<string, ModuleFunction>>;

/** A handler whose input is checked first. If `parse` throws, the client gets that message as its `Error`. */
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
 * Serves one function of a module. The client gets the returned value as `Result`. If the handler throws, the
 * client gets the message (never the stack) as `Error`, and the module runs on.
 */
export type Handler = (
  session: RemoteSession,
  body: MessageBody,
  context: HandlerContext,
) => HandlerResult | Promise<HandlerResult>;

/** Handlers by function name. Clients can only reach names that begin with `HD_`. */
export type Handlers = Readonly<Record<string, Handler>>;
