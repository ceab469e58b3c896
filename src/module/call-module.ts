import {NegativeError} from '../base/errors.js';
import type {Caller} from '../bus/rpc/caller.js';
import {
  decodeArgument,
  type EncodedArgument,
  encodeArgument,
  type RpcArgument,
} from '../bus/rpc/rpc-arguments.js';
import type {NodeDirectory} from '../registry/node-directory.js';
import type {ClusterNode} from '../registry/registry.js';
import {argumentOfResult, type HandlerResult} from './handler-result.js';
import type {CallValue, ModuleCall} from './handler-types.js';
import {RemoteSession} from './remote-session.js';

interface ModuleCallDeps {
  readonly caller: Caller;
  readonly directory: NodeDirectory;
  readonly random?: (() => number) | undefined;
}

/** Returns a function with which a module calls other modules. */
export function createModuleCall({caller, directory, random = Math.random}: ModuleCallDeps): ModuleCall {
  return async (node, fn, ...args) => {
    const target = await choose(directory, node, random);
    if (target === undefined) throw new NegativeError(`Service(type:${node}) not found`); // the text is mqant's
    const call = {fn, args: args.map(encodeValue), write: false};
    const answer = await caller.call({node: target.id, address: target.address}, call);
    if (answer.error !== '') throw new NegativeError(answer.error);
    return valueOfArgument(decodeArgument(answer.resultType, answer.result));
  };
}

async function choose(
  directory: NodeDirectory,
  node: string,
  random: () => number,
): Promise<ClusterNode | undefined> {
  if (node.includes('@')) return directory.find(node);
  const nodes = await directory.ofType(node);
  return nodes[Math.floor(random() * nodes.length)];
}

function encodeValue(value: CallValue): EncodedArgument {
  if (value instanceof RemoteSession) return {type: 'SESSION', bytes: value.serialize()};
  return encodeArgument(argumentOfResult(value as HandlerResult));
}

/**
 * Converts a reply to a JavaScript value. Sessions, and types that mqant does not define, stay in their wire form.
 */
export function valueOfArgument(argument: RpcArgument): unknown {
  return argument.type === 'null' ? undefined : argument.value;
}
