import {errorMessage} from '../../base/error-details.js';
import {
  ConflictError,
  NegativeError,
  NoSessionError,
  OutcomeUnknownError,
  SettingsConflictError,
  UsageError,
} from '../../base/errors.js';
import {encodeRecordPage} from '../../session/codec/record-page.js';
import type {ConnectionsQuery} from '../../session/connection-state.js';
import type {GateApi, GateFunction, SessionQuery} from '../../session/gate-api.js';
import type {Session, StringBag} from '../../session/session.js';
import type {CallEnvelope} from '../rpc/envelope.js';
import {type CallHandler, type CallResult, errorResult} from '../rpc/responder.js';
import {decodeArgument, encodeArgument, isPlainTrace, type RpcArgument} from '../rpc/rpc-arguments.js';
import {parseConnectionsQuery} from './connections-query.js';
import {parseDeliverQuery} from './deliver-query.js';
import {gateErrorTexts, gateFunctions, goSignature, isGateFunction} from './gate-functions.js';
import {parseSettingsEdit} from './settings-edit-argument.js';

/** A gate that keeps sessions encoded, and returns them and their pages as bytes. */
export interface EncodedPageSource {
  listEncoded(query: SessionQuery): Promise<Uint8Array>;
  findEncoded(userId: string): Promise<Uint8Array>;
  connectionsEncoded(query: ConnectionsQuery): Promise<Uint8Array>;
  /** Returns mqant's protobuf of a session on this gate. */
  sessionEncoded(session: Session): Uint8Array;
}

interface GateServerOptions {
  readonly gate: GateApi;
  readonly pages: EncodedPageSource;
  /** Module type, for mqant's error texts. */
  readonly type: string;
}

/**
 * Serves mqant's gate functions with a GateApi. Uses mqant's own error texts, including those for a wrong number of
 * arguments (rpc/base/rpc_server.go at v1.5.3), without Go's stack traces.
 */
export function gateCallHandler(options: GateServerOptions): CallHandler {
  return async (call) => {
    if (!isGateFunction(call.fn)) return errorResult(gateErrorTexts.noFunction(call.fn));
    const signature = gateFunctions[call.fn];
    if (call.args.length !== signature.parameters.length + 1) {
      return errorResult(
        `The number of params ${goBytes(call.args)} is not adapted.${goSignature(signature)}`,
      );
    }
    const read = readArguments(call, call.fn, options.type);
    if (typeof read === 'string') return errorResult(read);
    try {
      return result(await handlers[call.fn](options, new CallArguments(read)), options.pages);
    } catch (error) {
      if (error instanceof NotConnectedError)
        return {error: error.message, resultType: 'bool', result: Uint8Array.of(0)};
      return errorResult(errorText(error));
    }
  };
}

/** Maximum length of an argument in an error text, in bytes. */
const maxShownBytes = 256;

/** Formats bytes like Go's `%v` of a `[][]byte`, truncated. */
function goBytes(args: readonly Uint8Array[]): string {
  const one = (bytes: Uint8Array): string =>
    `[${bytes.subarray(0, maxShownBytes).join(' ')}${bytes.length > maxShownBytes ? ' …' : ''}]`;
  return `[${args.slice(0, maxShownBytes).map(one).join(' ')}${args.length > maxShownBytes ? ' …' : ''}]`;
}

/** Returns the arguments after the trace, or mqant's error text if they don't match. */
function readArguments(call: CallEnvelope, fn: GateFunction, type: string): RpcArgument[] | string {
  const {parameters} = gateFunctions[fn];
  const read: RpcArgument[] = [];
  for (let index = 0; index <= parameters.length; index += 1) {
    const want = parameters[index - 1] ?? 'trace';
    const name = call.argsType[index] ?? 'null';
    if (index === 0 && name === 'trace' && isPlainTrace(call.args[index])) continue;
    let argument: RpcArgument;
    try {
      argument = decodeArgument(name, call.args[index] ?? new Uint8Array(0));
    } catch (error) {
      return (error as Error).message;
    }
    if (argument.type === 'other') return `Bytes2Args [${name}] not registered to app.addrpcserialize(...)`;
    const fitting = fitted(argument, want);
    if (fitting === undefined) {
      return `${type} rpc func(${fn}) error reflect: Call using ${name} as type ${want === 'trace' ? 'log.TraceSpan' : want}`;
    }
    if (index > 0) read.push(fitting);
  }
  return read;
}

/** Returns the argument if it has the wanted type. `null` becomes that type's zero value, as in mqant. */
function fitted(argument: RpcArgument, want: string): RpcArgument | undefined {
  if (argument.type === want) return argument;
  if (argument.type !== 'null') return undefined;
  switch (want) {
    case 'string':
      return {type: 'string', value: ''};
    case 'bytes':
      return {type: 'bytes', value: new Uint8Array(0)};
    case 'map':
      return {type: 'map', value: {}};
    case 'mapstr':
      return {type: 'mapstr', value: {}};
    default:
      return argument;
  }
}

/** Arguments of a call. Missing ones, and ones of another type, are read as empty values. */
class CallArguments {
  constructor(private readonly args: readonly RpcArgument[]) {}

  text(at: number): string {
    const argument = this.args[at];
    return argument?.type === 'string' ? argument.value : '';
  }

  bytes(at: number): Uint8Array {
    const argument = this.args[at];
    return argument?.type === 'bytes' ? argument.value : new Uint8Array(0);
  }

  strings(at: number): StringBag {
    const argument = this.args[at];
    return argument?.type === 'mapstr' ? argument.value : {};
  }

  /** Members of the map in the first argument. */
  get query(): Query {
    const [argument] = this.args;
    return new Query(argument?.type === 'map' ? argument.value : {});
  }
}

class Query {
  constructor(readonly members: Readonly<Record<string, unknown>>) {}

  text(key: string): string {
    const value = this.member(key);
    return typeof value === 'string' ? value : '';
  }

  /** Returns a string; undefined if it is empty. */
  nonEmptyText(key: string): string | undefined {
    return this.text(key) || undefined;
  }

  number(key: string, least = 1): number | undefined {
    const value = this.member(key);
    return typeof value === 'number' && value >= least ? Math.floor(value) : undefined;
  }

  /** Throws UsageError if the member is missing or not a boolean. */
  boolean(key: string): boolean {
    const value = this.member(key);
    if (typeof value === 'boolean') return value;
    throw new UsageError(`invalid "${key}" in a call: expected true or false`);
  }

  /** The revision; undefined if there is none. An empty revision requires that no record exists. */
  get revision(): string | undefined {
    return Object.hasOwn(this.members, 'revision') ? this.text('revision') : undefined;
  }

  private member(key: string): unknown {
    return Object.hasOwn(this.members, key) ? this.members[key] : undefined;
  }
}

type Handler = (server: GateServerOptions, args: CallArguments) => Promise<RpcArgument>;

/** Creates a handler from a call to the gate and the conversion of its result. */
const handlerReturning =
  <T>(argumentOf: (value: T) => RpcArgument) =>
  (ask: (server: GateServerOptions, args: CallArguments) => Promise<T>): Handler =>
  async (server, args) =>
    argumentOf(await ask(server, args));

const session = handlerReturning((value: Session): RpcArgument => ({type: 'SESSION', value}));
const map = handlerReturning((value: object): RpcArgument => ({type: 'map', value: {...value}}));
const bytes = handlerReturning((value: Uint8Array): RpcArgument => ({type: 'bytes', value}));
const long = handlerReturning((value: number): RpcArgument => ({type: 'long', value: BigInt(value)}));
const success = handlerReturning((): RpcArgument => ({type: 'string', value: gateErrorTexts.success}));
const nothing = handlerReturning((): RpcArgument => ({type: 'null'}));

const handlers: Readonly<Record<GateFunction, Handler>> = {
  Update: session(({gate}, args) => gate.update(args.text(0))),
  Bind: session(({gate}, args) => gate.bind(args.text(0), args.text(1))),
  UnBind: session(({gate}, args) => gate.unbind(args.text(0))),
  Push: session(({gate}, args) => gate.push(args.text(0), args.strings(1))),
  Set: session(({gate}, args) => gate.set(args.text(0), args.text(1), args.text(2))),
  Remove: session(({gate}, args) => gate.remove(args.text(0), args.text(1))),
  Send: success(({gate}, args) => gate.send(args.text(0), args.text(1), args.bytes(2))),
  SendBatch: long(({gate}, args) => gate.sendBatch(args.text(0).split(','), args.text(1), args.bytes(2))),
  BroadCast: long(({gate}, args) => gate.broadcast(args.text(0), args.bytes(1))),
  IsConnect: async ({gate}, args) => isConnected(await gate.isConnect(args.text(1)), args.text(1)),
  Close: nothing(({gate}, args) => gate.close(args.text(0))),
  GatectlInfo: map(({gate}) => gate.info()),
  GatectlList: bytes(({pages}, {query}) =>
    pages.listEncoded({
      after: query.text('after'),
      limit: query.number('limit'),
      where: query.nonEmptyText('where'),
      sort: query.nonEmptyText('sort'),
    }),
  ),
  GatectlFind: bytes(({pages}, {query}) => pages.findEncoded(query.text('uid'))),
  GatectlConnections: bytes(({pages}, {query}) =>
    pages.connectionsEncoded(parseConnectionsQuery(query.members)),
  ),
  GatectlCount: map(({gate}, {query}) =>
    gate.count({where: query.nonEmptyText('where'), by: query.nonEmptyText('by')}),
  ),
  GatectlStats: map(({gate}) => gate.stats()),
  GatectlDrain: map(({gate}, {query}) => gate.setDraining(query.boolean('draining'))),
  GatectlWatch: map(({gate}, {query}) =>
    gate.watch({
      inbox: query.text('inbox'),
      leaseMs: query.number('leaseMs') ?? 0,
      where: query.nonEmptyText('where'),
    }),
  ),
  GatectlEdit: session(({gate}, {query}) =>
    gate.edit(query.text('session'), parseSettingsEdit(query.members)),
  ),
  GatectlDeliver: map(async ({gate}, args) => ({
    deliveries: await gate.deliver(parseDeliverQuery(args.query.members), args.bytes(1)),
  })),
  GatectlRecordGet: bytes(async ({gate}, {query}) => {
    const record = await gate.recordGet(query.text('uid'));
    return encodeRecordPage({records: record === undefined ? [] : [record], next: ''});
  }),
  GatectlRecordPut: map(async ({gate}, args) => {
    const {query} = args;
    const put = {revision: query.revision, ttlMs: query.number('ttlMs', 0)};
    return {revision: await gate.recordPut(query.text('uid'), args.bytes(1), put)};
  }),
  GatectlRecordDelete: map(async ({gate}, {query}) => ({
    deleted: await gate.recordDelete(query.text('uid'), query.revision),
  })),
  GatectlRecordList: bytes(async ({gate}, {query}) =>
    encodeRecordPage(await gate.recordList({after: query.text('after'), limit: query.number('limit')})),
  ),
};

/** Returns true, or throws the error for "no": mqant's "no" is an error text together with a bool. */
function isConnected(connected: boolean, uid: string): RpcArgument {
  if (connected) return {type: 'bool', value: true};
  throw new NotConnectedError(uid);
}

class NotConnectedError extends NegativeError {
  constructor(uid: string) {
    super(gateErrorTexts.notConnected(uid));
  }
}

function result(argument: RpcArgument, pages: EncodedPageSource): CallResult {
  if (argument.type === 'SESSION')
    return {error: '', resultType: 'SESSION', result: pages.sessionEncoded(argument.value)};
  const {type, bytes: encoded} = encodeArgument(argument);
  return {error: '', resultType: type, result: encoded};
}

function errorText(error: unknown): string {
  if (error instanceof NoSessionError) return gateErrorTexts.noSession;
  if (error instanceof SettingsConflictError) return gateErrorTexts.settingsConflict;
  if (error instanceof ConflictError) return gateErrorTexts.revisionConflict;
  const text = errorMessage(error);
  return error instanceof OutcomeUnknownError ? `${gateErrorTexts.outcomeUnknown}${text}` : text;
}
