import type {Command} from 'commander';
import {errorCode, errorCodeOrText} from '../../base/error-details.js';
import {UsageError} from '../../base/errors.js';
import {readBoundedFile} from '../../base/files/bounded-file.js';

/** Sources and encodings of a message body. Exactly one of `body`, `file` and `stdin` must be given. */
export interface MessageBodyInput {
  readonly body?: string | undefined;
  readonly file?: string | undefined;
  readonly stdin?: boolean | undefined;
  readonly json?: boolean | undefined;
  readonly hex?: boolean | undefined;
  readonly base64?: boolean | undefined;
}

/** Hard limit of NATS servers, 64 MiB. The limit that the server announces is checked when sending. */
export const maxMessageBytes = 64 * 1024 * 1024;

/** Adds the body argument and flags of a command that sends a message. */
export function addMessageArguments(command: Command): Command {
  return addMessageFlags(command.argument('[body]', 'message to send; - reads stdin'));
}

export function addMessageFlags(command: Command): Command {
  return command
    .option('-f, --file <file>', 'send the contents of a file')
    .option('--stdin', 'send the contents of stdin')
    .option('--json', 'check that the body is JSON before sending')
    .option('--hex', 'decode the body from hex')
    .option('--base64', 'decode the body from base64');
}

/** Reads the body from the argument, a file or stdin. Decodes hex and base64, and checks JSON. Rejects with UsageError. */
export async function readMessageBody(
  input: MessageBodyInput,
  readStdin: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const raw = await rawBody(input, readStdin);
  const forms = [input.json && '--json', input.hex && '--hex', input.base64 && '--base64'].filter(Boolean);
  if (forms.length > 1) throw new UsageError(`cannot combine ${forms.join(' and ')}`);
  if (input.json) return checkedJson(raw);
  if (input.hex) return fromHex(raw);
  return input.base64 ? fromBase64(raw) : raw;
}

async function rawBody(input: MessageBodyInput, readStdin: () => Promise<Uint8Array>): Promise<Uint8Array> {
  const stdin = input.stdin === true || input.body === '-';
  const argument = input.body !== undefined && input.body !== '-';
  const count = [stdin, argument, input.file !== undefined].filter(Boolean).length;
  if (count === 0)
    throw new UsageError('missing message body', {
      hint: 'pass it after the topic, or with --file or --stdin',
    });
  if (count > 1)
    throw new UsageError('more than one message body: give exactly one', {
      hint: 'pass it as an argument, or with --file or --stdin',
    });
  if (stdin) return readStdin();
  return input.file === undefined
    ? Buffer.from(input.body ?? '')
    : readFileArgument(input.file, maxMessageBytes);
}

/** Reads a file of at most `maxBytes`. Reads no more even if the file reports a smaller size. Rejects with UsageError. */
export async function readFileArgument(name: string, maxBytes: number): Promise<Buffer> {
  try {
    return await readBoundedFile(name, maxBytes);
  } catch (cause) {
    if (errorCode(cause) === 'EFBIG') throw new UsageError(`"${name}" is larger than ${maxBytes} bytes`);
    throw new UsageError(`cannot read "${name}": ${errorCodeOrText(cause)}`, {cause});
  }
}

function checkedJson(raw: Uint8Array): Uint8Array {
  try {
    JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(raw));
    return raw;
  } catch (cause) {
    throw new UsageError('invalid body: expected JSON', {
      hint: cause instanceof Error ? cause.message : undefined,
      cause,
    });
  }
}

function fromHex(raw: Uint8Array): Uint8Array {
  const text = Buffer.from(raw).toString('latin1').replaceAll(/\s/g, '');
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new UsageError('invalid body: expected hex');
  return Buffer.from(text, 'hex');
}

function fromBase64(raw: Uint8Array): Uint8Array {
  const text = Buffer.from(raw).toString('latin1').replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replace(/={1,2}$/, '').length % 4 === 1) {
    throw new UsageError('invalid body: expected base64');
  }
  return Buffer.from(text, 'base64');
}
