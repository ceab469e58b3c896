import {spawnSync} from 'node:child_process';

/** What protoc says of bytes that may be a session: its text of them, or undefined where it refuses. */
export function protocDecode(bytes: Uint8Array): string | undefined {
  const argv = ['--decode=basegate.sessionImp', '--proto_path=test/vectors', 'session.proto'];
  const {status, stdout} = spawnSync('protoc', argv, {input: bytes, maxBuffer: 64 * 1024 * 1024});
  return status === 0 ? stdout.toString() : undefined;
}

/** Fields by their numbers, without a schema. */
export function protocDecodeRaw(bytes: Uint8Array): string {
  return spawnSync('protoc', ['--decode_raw'], {input: bytes}).stdout.toString();
}
