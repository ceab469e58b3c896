import type {ConcurrencyLimit} from '../base/concurrency-limit.js';
import {errorMessage} from '../base/error-details.js';
import type {CallEnvelope} from '../bus/rpc/envelope.js';
import {type CallResult, errorResult} from '../bus/rpc/responder.js';
import {decodeArgument, encodeArgument, type RpcArgument} from '../bus/rpc/rpc-arguments.js';
import {valueOfArgument} from './call-module.js';
import {argumentOfResult, type HandlerResult} from './handler-result.js';
import type {HandlerContext, Handlers, MessageBody, ModuleCall, ModuleFunctions} from './handler-types.js';
import {RemoteSession} from './remote-session.js';
import type {SessionGates} from './session-gate.js';

interface ServeOptions {
  readonly handlers: Handlers;
  /** Functions for other modules. They receive all arguments of the call; sessions become RemoteSessions. */
  readonly functions?: ModuleFunctions | undefined;
  readonly gates: SessionGates;
  readonly call: ModuleCall;
  readonly limit: ConcurrencyLimit;
  /** Type of the module, for mqant's error texts. */
  readonly type: string;
  readonly log: (message: string, error: unknown) => void;
}

/** Returns a function that serves the calls of one module. It never rejects. */
export function serveHandlers(options: ServeOptions): (call: CallEnvelope) => Promise<CallResult> {
  return async (call) => {
    try {
      return await options.limit.run(() => answer(call, options));
    } catch (error) {
      options.log(`${options.type}: ${call.fn} failed`, error);
      return errorResult(textOf(error));
    }
  };
}

async function answer(call: CallEnvelope, options: ServeOptions): Promise<CallResult> {
  const {handlers, functions = {}} = options;
  if (Object.hasOwn(handlers, call.fn)) return answerClient(call, options);
  const serve = Object.hasOwn(functions, call.fn) ? functions[call.fn] : undefined;
  if (serve === undefined) return errorResult(`Remote function(${call.fn}) not found`);
  const args = call.args.map((bytes, index) => decodeArgument(call.argsType[index] ?? 'bytes', bytes));
  const values = args.map((argument) =>
    argument.type === 'SESSION'
      ? new RemoteSession(argument.value, options.gates)
      : valueOfArgument(argument),
  );
  return answerOf(await serve(values, contextOf(call, '', options)));
}

async function answerClient(call: CallEnvelope, options: ServeOptions): Promise<CallResult> {
  const {handlers, gates, type} = options;
  const handler = handlers[call.fn];
  if (handler === undefined) return errorResult(`Remote function(${call.fn}) not found`);
  const [first, second, ...rest] = call.args.map((bytes, index) =>
    decodeArgument(call.argsType[index] ?? 'bytes', bytes),
  );
  if (first?.type !== 'SESSION' || rest.length > 0 || call.args.length !== call.argsType.length) {
    return errorResult(`${type} rpc func(${call.fn}) error takes a SESSION and a body`);
  }
  const context = contextOf(call, first.value.topic, options);
  return answerOf(await handler(new RemoteSession(first.value, gates), bodyOf(second), context));
}

function contextOf(
  {fn, caller, hostname}: CallEnvelope,
  topic: string,
  {call}: ServeOptions,
): HandlerContext {
  return {fn, topic, caller, hostname, call};
}

function answerOf(result: HandlerResult): CallResult {
  const {type: resultType, bytes} = encodeArgument(argumentOfResult(result));
  return {error: '', resultType, result: bytes};
}

function bodyOf(argument: RpcArgument = {type: 'null'}): MessageBody {
  switch (argument.type) {
    case 'null':
      return {};
    case 'map':
    case 'mapstr':
    case 'bytes':
    case 'ProtocolMarshal':
      return argument.value;
    case 'string':
      return Buffer.from(argument.value);
    default:
      throw new TypeError(`a body cannot be of type "${argument.type}"`);
  }
}

/** Returns the error's message. Never empty, because the caller would take that for success. */
function textOf(error: unknown): string {
  const text = errorMessage(error);
  return text === '' ? 'unknown error' : text.toWellFormed();
}
