import {readFileSync} from 'node:fs';

export interface CapturedCall {
  readonly name: string;
  readonly fn: string;
  readonly argsType: readonly string[];
  readonly argsHex: readonly string[];
  readonly requestHex: string;
  readonly replyHex: string;
  readonly reply: {
    readonly Cid: string;
    readonly Error: string;
    readonly ResultType: string;
    readonly resultHex: string;
  };
}

interface RpcVectors {
  readonly sessionId: string;
  readonly calls: readonly CapturedCall[];
  readonly clientRequests: {readonly bus: readonly {readonly subject: string; readonly hex: string}[]};
}

/** What went over the bus between real mqant nodes in Go (v1.5.3). */
export const rpcVectors: RpcVectors = JSON.parse(readFileSync('test/vectors/rpc.json', 'utf8'));
