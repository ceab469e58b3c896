/** Kit for backend modules: `import {startModule} from 'gatectl/module'`. */
export type {BusOptions} from '../bus/connect/bus-options.js';
export {connectBus} from '../bus/connect/connect-bus.js';
export {openRegistry} from '../registry/open-registry.js';
export {type GuestRule, setGuestRule} from '../session/session.js';
export {type HandlerResult, rawReply} from './handler-result.js';
export {
  type CallValue,
  type Handler,
  type HandlerContext,
  type Handlers,
  type MessageBody,
  type ModuleCall,
  type ModuleFunction,
  type ModuleFunctions,
  withInput,
} from './handler-types.js';
export type {RemoteSession, SendOptions, SendOutcome} from './remote-session.js';
export {type Module, type ModuleOptions, startModule} from './start-module.js';
