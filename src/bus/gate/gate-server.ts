import {
  ConflictError,
  NegativeError,
  NoSessionError,
  OutcomeUnknownError,
  SettingsConflictError,
} from '../../base/errors.js';
import {encodeRecordPage} from '../../session/codec/record-page.js';
import type {CountQuery, GateApi, GateFunction, SessionQuery, WatchQuery} from '../../session/gate-api.js';
import type {Session, StringBag} from '../../session/session.js';
import {type Argument, decodeArgument, encodeArgument, isPlainTrace} from '../rpc/arguments.js';
import type {CallEnvelope} from '../rpc/envelope.js';
import {type CallHandler, type CallResult, errorResult} from '../rpc/responder.js';
import {parseSettingsEdit} from './edit-query.js';
import {GateText, gateFunctions, goSignature, isGateFunction} from './gate-functions.js';

/** A gate that keeps sessions encoded and returns pages and sessions in wire form. */
export interface EncodedPages {
  listEncoded(query: SessionQuery): Promise<Uint8Array>;
  findEncoded(userId: string): Promise<Uint8Array>;
  /** Returns mqant's protobuf of a session from this gate. */
  sessionEncoded(session: Session): Uint8Array;
}

interface GateServerOptions {
  readonly gate: GateApi;
  readonly pages: EncodedPages;
  /** Module type, for mqant's error texts. */
  readonly type: string;
}

/**
 * Serves mqant's gate functions for a GateApi with mqant's own error texts, including those for a wrong number of
 * arguments (rpc/base/rpc_server.go at v1.5.3), but without Go's stack traces.
 */
export function serveGate(options: GateServerOptions): CallHandler {
  return async (call) => {
    if (!isGateFunction(call.fn)) return errorResult(GateText.noFunction(call.fn));
    const signature = gateFunctions[call.fn];
    if (call.args.length !== signature.parameters.length + 1) {
      return errorResult(
        `The number of params ${goBytes(call.args)} is not adapted.${goSignature(signature)}`,
      );
    }
    const read = readArguments(call, call.fn, options.type);
    if (typeof read === 'string') return errorResult(read);
    try {
      return result(await run(options, call.fn, read), options.pages);
    } catch (error) {
      if (error instanceof NotConnectedError)
        return {error: error.message, resultType: 'bool', result: Uint8Array.of(0)};
      return errorResult(errorText(error));
    }
  };
}

/** Longest argument that an error text echoes. */
const shownBytes = 256;

/** Formats like Go's `%v` of a `[][]byte`, truncated. */
function goBytes(args: readonly Uint8Array[]): string {
  const one = (bytes: Uint8Array): string =>
    `[${bytes.subarray(0, shownBytes).join(' ')}${bytes.length > shownBytes ? ' …' : ''}]`;
  return `[${args.slice(0, shownBytes).map(one).join(' ')}${args.length > shownBytes ? ' …' : ''}]`;
}

/** Returns the arguments after the trace, or mqant's error text. */
function readArguments(call: CallEnvelope, fn: GateFunction, type: string): Argument[] | string {
  const {parameters} = gateFunctions[fn];
  const read: Argument[] = [];
  for (let index = 0; index <= parameters.length; index += 1) {
    const want = parameters[index - 1] ?? 'trace';
    const name = call.argsType[index] ?? 'null';
    if (index === 0 && name === 'trace' && isPlainTrace(call.args[index])) continue;
    let argument: Argument;
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

/** `null` is any type's zero value, as in mqant. */
function fitted(argument: Argument, want: string): Argument | undefined {
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

const text = (argument: Argument | undefined): string => (argument?.type === 'string' ? argument.value : '');
const bytes = (argument: Argument | undefined): Uint8Array =>
  argument?.type === 'bytes' ? argument.value : new Uint8Array(0);
const strings = (argument: Argument | undefined): StringBag =>
  argument?.type === 'mapstr' ? argument.value : {};

/** Returns a string member of a query. */
function queryText(argument: Argument | undefined, key: string): string {
  const value =
    argument?.type === 'map' && Object.hasOwn(argument.value, key) ? argument.value[key] : undefined;
  return typeof value === 'string' ? value : '';
}

function queryNumber(argument: Argument | undefined, key: string, least = 1): number | undefined {
  const value =
    argument?.type === 'map' && Object.hasOwn(argument.value, key) ? argument.value[key] : undefined;
  return typeof value === 'number' && value >= least ? Math.floor(value) : undefined;
}

/** Distinguishes a missing revision from an empty one, which requires that no record exists. */
function queryRevision(argument: Argument | undefined): string | undefined {
  const named = argument?.type === 'map' && Object.hasOwn(argument.value, 'revision');
  return named ? queryText(argument, 'revision') : undefined;
}

async function run(
  {gate, pages}: GateServerOptions,
  fn: GateFunction,
  args: readonly Argument[],
): Promise<Argument> {
  const [first, second, third] = args;
  const id = text(first);
  switch (fn) {
    case 'Update':
      return {type: 'SESSION', value: await gate.update(id)};
    case 'Bind':
      return {type: 'SESSION', value: await gate.bind(id, text(second))};
    case 'UnBind':
      return {type: 'SESSION', value: await gate.unbind(id)};
    case 'Push':
      return {type: 'SESSION', value: await gate.push(id, strings(second))};
    case 'Set':
      return {type: 'SESSION', value: await gate.set(id, text(second), text(third))};
    case 'Remove':
      return {type: 'SESSION', value: await gate.remove(id, text(second))};
    case 'Send':
      await gate.send(id, text(second), bytes(third));
      return {type: 'string', value: GateText.success};
    case 'SendBatch':
      return long(await gate.sendBatch(id.split(','), text(second), bytes(third)));
    case 'BroadCast':
      return long(await gate.broadcast(id, bytes(second)));
    case 'IsConnect':
      return isConnected(await gate.isConnect(text(second)), text(second));
    case 'Close':
      await gate.close(id);
      return {type: 'null'};
    case 'GatectlInfo':
      return {type: 'map', value: {...(await gate.info())}};
    case 'GatectlList':
      return {
        type: 'bytes',
        value: await pages.listEncoded({
          after: queryText(first, 'after'),
          limit: queryNumber(first, 'limit'),
          where: queryText(first, 'where') || undefined,
          sort: queryText(first, 'sort') || undefined,
        }),
      };
    case 'GatectlFind':
      return {type: 'bytes', value: await pages.findEncoded(queryText(first, 'uid'))};
    case 'GatectlCount':
      return {type: 'map', value: {...(await gate.count(countQuery(first)))}};
    case 'GatectlStats':
      return {type: 'map', value: {...(await gate.stats())}};
    case 'GatectlWatch':
      return {type: 'map', value: {...(await gate.watch(watchQuery(first)))}};
    case 'GatectlEdit': {
      const edit = parseSettingsEdit(first?.type === 'map' ? first.value : {});
      return {type: 'SESSION', value: await gate.edit(queryText(first, 'session'), edit)};
    }
    case 'GatectlRecordGet': {
      const record = await gate.recordGet(queryText(first, 'uid'));
      return {
        type: 'bytes',
        value: encodeRecordPage({records: record === undefined ? [] : [record], next: ''}),
      };
    }
    case 'GatectlRecordPut': {
      const put = {revision: queryRevision(first), ttlMs: queryNumber(first, 'ttlMs', 0)};
      const revision = await gate.recordPut(queryText(first, 'uid'), bytes(second), put);
      return {type: 'map', value: {revision}};
    }
    case 'GatectlRecordDelete': {
      const deleted = await gate.recordDelete(queryText(first, 'uid'), queryRevision(first));
      return {type: 'map', value: {deleted}};
    }
    case 'GatectlRecordList': {
      const query = {after: queryText(first, 'after'), limit: queryNumber(first, 'limit')};
      return {type: 'bytes', value: encodeRecordPage(await gate.recordList(query))};
    }
    default:
      return fn satisfies never;
  }
}

const countQuery = (query: Argument | undefined): CountQuery => ({
  where: queryText(query, 'where') || undefined,
  by: queryText(query, 'by') || undefined,
});

const watchQuery = (query: Argument | undefined): WatchQuery => ({
  inbox: queryText(query, 'inbox'),
  leaseMs: queryNumber(query, 'leaseMs') ?? 0,
  where: queryText(query, 'where') || undefined,
});

const long = (value: number): Argument => ({type: 'long', value: BigInt(value)});

/** mqant reports "no" as an error text beside a bool. */
function isConnected(connected: boolean, uid: string): Argument {
  if (connected) return {type: 'bool', value: true};
  throw new NotConnectedError(uid);
}

class NotConnectedError extends NegativeError {
  constructor(uid: string) {
    super(GateText.notConnected(uid));
  }
}

function result(argument: Argument, pages: EncodedPages): CallResult {
  if (argument.type === 'SESSION')
    return {error: '', resultType: 'SESSION', result: pages.sessionEncoded(argument.value)};
  const {type, bytes: encoded} = encodeArgument(argument);
  return {error: '', resultType: type, result: encoded};
}

function errorText(error: unknown): string {
  if (error instanceof NoSessionError) return GateText.noSession;
  if (error instanceof SettingsConflictError) return GateText.settingsConflict;
  if (error instanceof ConflictError) return GateText.revisionConflict;
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof OutcomeUnknownError ? `${GateText.outcomeUnknown}${text}` : text;
}
