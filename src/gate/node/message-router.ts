import {errorMessage} from '../../base/error-details.js';
import {CallError} from '../../base/errors.js';
import type {Caller} from '../../bus/rpc/caller.js';
import type {EncodedArgument} from '../../bus/rpc/rpc-arguments.js';
import type {NodeDirectory} from '../../registry/node-directory.js';
import type {ClusterNode} from '../../registry/registry.js';
import {encodeSession} from '../../session/codec/session-protobuf.js';
import {randomId} from '../../session/random-id.js';
import type {Session} from '../../session/session.js';
import {clientErrorReply, clientResultReply} from './client-reply.js';

interface RouterOptions {
  readonly caller: Caller;
  readonly directory: NodeDirectory;
  readonly timeoutMs: number;
  readonly random?: (() => number) | undefined;
}

const topicShape = 'Topic must be [moduleType@moduleID]/[handler]|[moduleType@moduleID]/[handler]/[msgid]';

/** A client's request, parsed from its topic as in mqant: `Type[@id]/HD_func[/msgid]`. */
interface Route {
  readonly node: string;
  readonly fn: string;
  /** True if the topic has exactly three parts and the third is not empty, or if there is a response topic. */
  readonly wantsReply: boolean;
}

/**
 * Routes a client's message to a backend module, with the session as the first argument. Rules and error texts are
 * those of mqant (gate/base/mqtt_agent.go at v1.5.3).
 */
export class MessageRouter {
  private readonly random: () => number;

  constructor(private readonly options: RouterOptions) {
    this.random = options.random ?? Math.random;
  }

  /** Resolves with the reply to publish to the client; undefined for no reply. Never rejects. */
  async route(
    session: Session,
    topic: string,
    body: Uint8Array,
    hasResponseTopic = false,
  ): Promise<Uint8Array | undefined> {
    const parsed = parseTopic(topic);
    const route = parsed && {...parsed, wantsReply: parsed.wantsReply || hasResponseTopic};
    if (route === undefined) return clientErrorReply(session.traceId, topicShape);
    const answer = await this.call(route, session, topic, body).catch((error: unknown) =>
      clientErrorReply(session.traceId, errorTextFor(error, route)),
    );
    return route.wantsReply ? answer : undefined;
  }

  private async call(route: Route, session: Session, topic: string, body: Uint8Array): Promise<Uint8Array> {
    const {traceId} = session;
    if (!route.fn.startsWith('HD_'))
      return clientErrorReply(traceId, `Method(${route.fn}) must begin with 'HD_'`);
    const [node, ...others] = await this.candidates(route.node);
    if (node === undefined) return clientErrorReply(traceId, `Service(type:${route.node}) not found`);
    const type = bodyType(body);
    if (type === undefined) return clientErrorReply(traceId, 'The JSON format is incorrect');
    // the copy has the same trace and a new span, as with mqant's Session.Clone
    const copy = {...session, topic, spanId: randomId()};
    const args: EncodedArgument[] = [
      {type: 'SESSION', bytes: encodeSession(copy)},
      {type, bytes: body},
    ];
    const [second] = others;
    try {
      return await this.callNode(node, route, args, traceId);
    } catch (error) {
      // no node received the call, so another node of the type may run it
      const gone = error instanceof CallError && error.reason === 'no-responders';
      if (!gone || second === undefined) throw error;
      return await this.callNode(second, route, args, traceId);
    }
  }

  private async callNode(
    {id, address}: ClusterNode,
    {fn, wantsReply}: Route,
    args: readonly EncodedArgument[],
    traceId: string,
  ): Promise<Uint8Array> {
    const {caller, timeoutMs} = this.options;
    const target = {node: id, address};
    if (!wantsReply) {
      caller.send(target, fn, args);
      return new Uint8Array(0);
    }
    // not marked as a write: after a timeout the client gets "deadline exceeded", as from mqant
    return clientResultReply(traceId, await caller.call(target, {fn, args, write: false, timeoutMs}));
  }

  /** Returns the node with this id, or all nodes of this type, starting at a random one. */
  private async candidates(name: string): Promise<readonly ClusterNode[]> {
    const {directory} = this.options;
    if (name.includes('@')) {
      const node = await directory.find(name);
      return node === undefined ? [] : [node];
    }
    const nodes = await directory.ofType(name);
    const first = Math.floor(this.random() * nodes.length);
    return [...nodes.slice(first), ...nodes.slice(0, first)];
  }
}

function parseTopic(topic: string): Route | undefined {
  const [node = '', fn, msgId = '', ...more] = topic.split('/');
  if (fn === undefined) return undefined;
  return {node, fn, wantsReply: msgId !== '' && more.length === 0};
}

/** Returns true if a message on this topic can reach a module. */
export const isModuleTopic = (topic: string): boolean => parseTopic(topic)?.fn.startsWith('HD_') === true;

/**
 * Returns the argument type of a body. A body in braces must be valid JSON and is sent as `map`; undefined if it is
 * invalid. Other bodies are sent as bytes.
 */
function bodyType(body: Uint8Array): 'map' | 'bytes' | undefined {
  if (body[0] !== 0x7b || body.at(-1) !== 0x7d) return 'bytes';
  try {
    JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return 'map';
  } catch {
    return undefined;
  }
}

function errorTextFor(error: unknown, {node}: Route): string {
  if (!(error instanceof CallError)) return errorMessage(error);
  return error.reason === 'no-responders' ? `Service(type:${node}) not found` : 'deadline exceeded';
}
