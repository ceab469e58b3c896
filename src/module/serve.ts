import {type Argument, decodeArgument, encodeArgument} from '../bus/arguments.js';
import type {CallEnvelope} from '../bus/envelope.js';
import {type Answer, errorAnswer} from '../bus/responder.js';
import type {Handlers, MessageBody} from './handler.js';
import {RemoteSession} from './remote-session.js';
import {resultArgument} from './result.js';
import type {SessionHome} from './session-gate.js';

export interface ServeOptions {
  readonly handlers: Handlers;
  readonly home: SessionHome;
  /** Type of the module, for the error texts of mqant. */
  readonly type: string;
  readonly log: (message: string, error: unknown) => void;
}

/** Answers the calls of one module; never rejects. */
export function serveHandlers(options: ServeOptions): (call: CallEnvelope) => Promise<Answer> {
  return async (call) => {
    try {
      return await answer(call, options);
    } catch (error) {
      options.log(`${options.type}: ${call.fn} failed`, error);
      return errorAnswer(textOf(error));
    }
  };
}

async function answer(call: CallEnvelope, {handlers, home, type}: ServeOptions): Promise<Answer> {
  const handler = Object.hasOwn(handlers, call.fn) ? handlers[call.fn] : undefined;
  if (handler === undefined) return errorAnswer(`Remote function(${call.fn}) not found`);
  const [first, second, ...rest] = call.args.map((bytes, index) =>
    decodeArgument(call.argsType[index] ?? 'bytes', bytes),
  );
  if (first?.type !== 'SESSION' || rest.length > 0 || call.args.length !== call.argsType.length) {
    return errorAnswer(`${type} rpc func(${call.fn}) error takes a SESSION and a body`);
  }
  const context = {fn: call.fn, topic: first.value.topic, caller: call.caller, hostname: call.hostname};
  const result = await handler(new RemoteSession(first.value, home), bodyOf(second), context);
  const {type: resultType, bytes} = encodeArgument(resultArgument(result));
  return {error: '', resultType, result: bytes};
}

function bodyOf(argument: Argument = {type: 'null'}): MessageBody {
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

/** An error text of nothing would read as success on the other side. */
function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text === '' ? 'unknown error' : text.toWellFormed();
}
