import {CallError, DecodeError} from '../../base/errors.js';
import type {GateApi, GateInfo} from '../../session/gate-api.js';
import {classifyNode, type FunctionProbeResult, type NodeKind} from '../../session/node-kind.js';

/** A uid that no session has. */
const unusedUid = 'gatectl-probe-00000000';

/** How long a node's kind is cached. Another version may take over its address. */
const heldMs = 30_000;

/**
 * Determines what kind of node this is with two calls that change nothing: IsConnect with an unused uid, and
 * GatectlInfo. Other names are never tried, because a project's NoFoundFunction may act on them. Only for nodes that
 * `GateDirectory.mayCall` accepts. Rejects only for programming errors.
 */
export async function probeNode(gate: Pick<GateApi, 'isConnect' | 'info'>): Promise<NodeKind> {
  let info: GateInfo | undefined;
  const [isConnect, gatectlInfo] = await Promise.all([
    answerTo(gate.isConnect(unusedUid)),
    answerTo(
      gate.info().then((reply) => {
        info = reply;
      }),
    ),
  ]);
  return classifyNode(
    new Map([
      ['IsConnect', isConnect],
      ['GatectlInfo', gatectlInfo],
    ]),
    info,
  );
}

async function answerTo(call: Promise<unknown>): Promise<FunctionProbeResult> {
  try {
    await call;
    return 'answers';
  } catch (error) {
    if (error instanceof DecodeError) return 'unreadable';
    if (error instanceof CallError) return answerOf(error);
    throw error;
  }
}

/** Matches mqant's error text for a wrong number of arguments (rpc/base/rpc_server.go). */
const otherArguments = /The number of params .* is not adapted/s;

function answerOf({reason, message}: CallError): FunctionProbeResult {
  switch (reason) {
    case 'unsupported':
      return 'lacks';
    case 'refused':
      return otherArguments.test(message) ? 'other-arguments' : 'refuses';
    case 'too-large':
      return 'refuses';
    case 'bad-reply':
      return 'unreadable';
    case 'not-permitted':
      return reason;
    default:
      return 'silent';
  }
}

interface HeldKind {
  readonly kind: Promise<NodeKind>;
  readonly until: number;
}

/** Caches node kinds by address, so that a node is probed once for all failing calls. */
export class NodeKindCache {
  private readonly held = new Map<string, HeldKind>();

  /** `now` returns milliseconds. */
  constructor(private readonly now: () => number) {}

  of(address: string, ask: () => Promise<NodeKind>): Promise<NodeKind> {
    const now = this.now();
    for (const [key, {until}] of this.held) if (until <= now) this.held.delete(key);
    const held = this.held.get(address);
    if (held !== undefined) return held.kind;
    const kind = ask();
    this.held.set(address, {kind, until: now + heldMs});
    return kind;
  }
}
