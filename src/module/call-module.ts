import {NegativeError} from '../base/errors.js';
import {type Argument, decodeArgument, type EncodedArgument, encodeArgument} from '../bus/rpc/arguments.js';
import type {Caller} from '../bus/rpc/caller.js';
import type {NodeDirectory} from '../registry/node-directory.js';
import type {ClusterNode} from '../registry/registry.js';
import type {CallValue, ModuleCall} from './handler.js';
import {type HandlerResult, resultArgument} from './handler-result.js';
import {RemoteSession} from './remote-session.js';

interface ModuleCallDeps {
  readonly caller: Caller;
  readonly directory: NodeDirectory;
  readonly random?: (() => number) | undefined;
}

/** Returns a function with which a module calls other modules. */
export function moduleCall({caller, directory, random = Math.random}: ModuleCallDeps): ModuleCall {
  return async (node, fn, ...args) => {
    const target = await choose(directory, node, random);
    if (target === undefined) throw new NegativeError(`Service(type:${node}) not found`); // mqant's words
    const call = {fn, args: args.map(encodeValue), write: false};
    const answer = await caller.call({node: target.id, address: target.address}, call);
    if (answer.error !== '') throw new NegativeError(answer.error);
    return argumentValue(decodeArgument(answer.resultType, answer.result));
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
  return encodeArgument(resultArgument(value as HandlerResult));
}

/**
 * Converts a reply to a JavaScript value. Sessions, and types that mqant does not define, stay in their wire form.
 */
export function argumentValue(argument: Argument): unknown {
  return argument.type === 'null' ? undefined : argument.value;
}
