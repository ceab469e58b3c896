/** The kit for backend modules: `import {startModule} from 'gatectl/module'`. */
export type {Handler, HandlerContext, Handlers, MessageBody} from './handler.js';
export type {RemoteSession} from './remote-session.js';
export {type HandlerResult, rawReply} from './result.js';
export {type Module, type ModuleOptions, startModule} from './start-module.js';
