import {encodeCall, encodeResult} from '../../src/bus/rpc/envelope.js';
import {encodeArgument, type RpcArgument} from '../../src/bus/rpc/rpc-arguments.js';

export const caller = '_INBOX.caller';

/** A call as mqant publishes it. */
export function callBytes(
  cid: string,
  fn: string,
  args: readonly RpcArgument[] = [],
  more: {readonly reply?: boolean; readonly replyTo?: string; readonly caller?: string} = {},
): Buffer {
  const {reply = true, replyTo = caller, caller: who = 'tester'} = more;
  const encoded = args.map(encodeArgument);
  return encodeCall({
    ...{cid, fn, reply, replyTo, track: '', expired: 1_767_268_800_000, caller: who, hostname: 'host1'},
    ...{argsType: encoded.map(({type}) => type), args: encoded.map(({bytes}) => bytes)},
  });
}

export function resultBytes(
  cid: string,
  result: RpcArgument = {type: 'string', value: 'ok'},
  error = '',
): Buffer {
  const {type, bytes} = encodeArgument(result);
  return encodeResult({cid, error, resultType: type, result: bytes});
}

export const text = (value: string): RpcArgument => ({type: 'string', value});
export const span: RpcArgument = {
  type: 'trace',
  value: {trace: '00000000000000a1', span: '00000000000000b2'},
};
