import {DecodeError} from '../../base/errors.js';
import {
  admissionLimitNames,
  type GateAdmission,
  type ListenerCertificate,
} from '../../session/gate-admission.js';
import type {GateInfo, StorageState} from '../../session/gate-api.js';
import {healthOfReply, stateOfReply} from './gate-replies.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Parses the reply to GatectlInfo. The node id in the result is that of the called node, not the one in the reply.
 */
export function parseGateInfo(fields: Fields, nodeId: string): GateInfo {
  const protocol = numberOf(fields, 'protocol');
  if (protocol < 1) throw new DecodeError(`${nodeId} uses an unknown version of the extension protocol`);
  const functions = fields['functions'];
  return {
    protocol,
    software: textOf(fields, 'software'),
    softwareVersion: textOf(fields, 'softwareVersion'),
    nodeId,
    host: textOf(fields, 'host'),
    pid: numberOf(fields, 'pid'),
    startedAt: numberOf(fields, 'startedAt'),
    now: numberOf(fields, 'now'),
    sessions: numberOf(fields, 'sessions'),
    bound: numberOf(fields, 'bound'),
    functions: Array.isArray(functions)
      ? functions.filter((name): name is string => typeof name === 'string')
      : [],
    storage: storageOf(fields['storage']),
    pageLimitBytes: numberOf(fields, 'pageLimitBytes'),
    ...stateOfReply(fields),
    ...admissionIn(fields),
    ...healthOfReply(fields),
  };
}

function admissionIn({admission}: Fields): {readonly admission?: GateAdmission} {
  if (typeof admission !== 'object' || admission === null) return {};
  const fields = admission as Fields;
  const limits = Object(fields['limits']) as Fields;
  const {certificates, origins} = fields;
  return {
    admission: {
      authenticate: textOf(fields, 'authenticate'),
      warmUpMs: numberOf(fields, 'warmUpMs'),
      limits: Object.fromEntries(
        admissionLimitNames.flatMap((name) => (name in limits ? [[name, numberOf(limits, name)]] : [])),
      ),
      ...(Array.isArray(origins) && {
        origins: origins.filter((one): one is string => typeof one === 'string'),
      }),
      certificates: Array.isArray(certificates) ? certificates.flatMap(certificateOf) : [],
    },
  };
}

function certificateOf(value: unknown): readonly ListenerCertificate[] {
  const fields = Object(value) as Fields;
  const {listener} = fields;
  if (listener !== 'tcp' && listener !== 'ws') return [];
  return [{listener, minVersion: textOf(fields, 'minVersion'), expiresAt: numberOf(fields, 'expiresAt')}];
}

function storageOf(value: unknown): StorageState {
  const fields = typeof value === 'object' && value !== null ? (value as Fields) : {};
  return {
    kind: textOf(fields, 'kind') || 'none',
    get: fields['get'] === true,
    put: fields['put'] === true,
    delete: fields['delete'] === true,
    list: fields['list'] === true,
    expire: fields['expire'] === true,
    dirty: numberOf(fields, 'dirty'),
    ...(typeof fields['failure'] === 'string' && {failure: fields['failure']}),
    ...(Number.isSafeInteger(fields['records']) && {records: Number(fields['records'])}),
    ...(typeof fields['onDisk'] === 'boolean' && {onDisk: fields['onDisk']}),
    ...(typeof fields['powerLoss'] === 'string' && {powerLoss: fields['powerLoss']}),
  };
}

function textOf(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === 'string' ? value : '';
}

function numberOf(fields: Fields, key: string): number {
  const value = fields[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
