/** Kit for embedding a gate: `import {startGate} from 'gatectl/gate'`. */
export type {BusOptions} from '../bus/connect/bus-options.js';
export {connectBus} from '../bus/connect/connect-bus.js';
export {openRegistry} from '../registry/open-registry.js';
export {type GuestRule, isGuest, setGuestRule} from '../session/session.js';
export {openStore} from '../storage/open-store.js';
export type {PutOptions, RecordStore, StorageHandler} from '../storage/storage-handler.js';
export type {Admission, AdmissionRefusal, Authenticate, ConnectingClient} from './admission/admission.js';
export type {AuthenticationConfig} from './admission/authentication-config.js';
export type {ClientCertificate} from './listen/listener-certificates.js';
export type {CertificatePair, ListenerOptions, ListenerTls} from './listen/listener-options.js';
export {
  defaultLimits,
  type GateHooks,
  type GateLimits,
  type GateOptions,
  type RouteHandler,
} from './node/gate-options.js';
export type {Gate, RenewedCertificates} from './node/running-gate.js';
export {startGate} from './node/start-gate.js';
