import type {GateFunction} from '../../session/gate-api.js';
import type {RpcArgument} from '../rpc/rpc-arguments.js';

/** Go names of mqant's wire types, for the error text about a wrong number of arguments. */
const goType = {
  string: 'string',
  bytes: '[]uint8',
  mapstr: 'map[string]string',
  map: 'map[string]interface {}',
} as const;

type ParameterType = keyof typeof goType;

/** A function's parameters after the trace, and its result. */
interface FunctionSignature {
  readonly parameters: readonly ParameterType[];
  readonly result: RpcArgument['type'];
  /** True for writes, which are never retried, and whose outcome is unknown if the reply is lost. */
  readonly write: boolean;
  /** The Go result type that mqant's handler declares. */
  readonly goResult: string;
}

const session = {result: 'SESSION', goResult: '(gate.Session, string)'} as const;
const anything = '(interface {}, string)';

/**
 * All functions of a gate: the eleven of mqant (gate/base/gate_handler.go at v1.5.3) and those of the extension.
 * Client and server both use this table. docs/reference/protocol.md describes the `Gatectl…` functions.
 */
export const gateFunctions: Readonly<Record<GateFunction, FunctionSignature>> = {
  Update: {parameters: ['string'], ...session, write: false},
  Bind: {parameters: ['string', 'string'], ...session, write: true},
  UnBind: {parameters: ['string'], ...session, write: true},
  Push: {parameters: ['string', 'mapstr'], ...session, write: true},
  Set: {parameters: ['string', 'string', 'string'], ...session, write: true},
  Remove: {parameters: ['string', 'string'], result: 'SESSION', goResult: anything, write: true},
  Send: {parameters: ['string', 'string', 'bytes'], result: 'string', goResult: anything, write: true},
  SendBatch: {
    parameters: ['string', 'string', 'bytes'],
    result: 'long',
    goResult: '(int64, string)',
    write: true,
  },
  BroadCast: {parameters: ['string', 'bytes'], result: 'long', goResult: '(int64, string)', write: true},
  IsConnect: {parameters: ['string', 'string'], result: 'bool', goResult: '(bool, string)', write: false},
  Close: {parameters: ['string'], result: 'null', goResult: anything, write: true},
  GatectlInfo: {parameters: [], result: 'map', goResult: anything, write: false},
  GatectlList: {parameters: ['map'], result: 'bytes', goResult: anything, write: false},
  GatectlFind: {parameters: ['map'], result: 'bytes', goResult: anything, write: false},
  GatectlConnections: {parameters: ['map'], result: 'bytes', goResult: anything, write: false},
  GatectlCount: {parameters: ['map'], result: 'map', goResult: anything, write: false},
  GatectlStats: {parameters: [], result: 'map', goResult: anything, write: false},
  GatectlWatch: {parameters: ['map'], result: 'map', goResult: anything, write: false},
  GatectlDrain: {parameters: ['map'], result: 'map', goResult: anything, write: true},
  GatectlEdit: {parameters: ['map'], ...session, write: true},
  GatectlDeliver: {parameters: ['map', 'bytes'], result: 'map', goResult: anything, write: true},
  GatectlRecordGet: {parameters: ['map'], result: 'bytes', goResult: anything, write: false},
  GatectlRecordPut: {parameters: ['map', 'bytes'], result: 'map', goResult: anything, write: true},
  GatectlRecordDelete: {parameters: ['map'], result: 'map', goResult: anything, write: true},
  GatectlRecordList: {parameters: ['map'], result: 'bytes', goResult: anything, write: false},
};

export function isGateFunction(name: string): name is GateFunction {
  return Object.hasOwn(gateFunctions, name);
}

/** Formats a handler's type as Go prints it: `<func(log.TraceSpan, string) (gate.Session, string) Value>`. */
export function goSignature({parameters, goResult}: FunctionSignature): string {
  const types = ['log.TraceSpan', ...parameters.map((type) => goType[type])];
  return `<func(${types.join(', ')}) ${goResult} Value>`;
}

/** Error texts of mqant that gatectl interprets, byte for byte ("Sesssion" is mqant's spelling). */
export const gateErrorTexts = {
  noSession: 'No Sesssion found',
  noFunction: (fn: string) => `Remote function(${fn}) not found`,
  notConnected: (uid: string) => `The gateway did not find the corresponding userId 【${uid}】`,
  revisionConflict: 'Record revision conflict',
  settingsConflict: 'Settings conflict',
  noStorage: 'No storage handler',
  /** Prefix of the reason why a gate does not know whether its storage completed a write. */
  outcomeUnknown: 'Outcome unknown: ',
  success: 'success',
} as const;
