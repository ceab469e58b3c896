import {UsageError} from '../../../base/errors.js';
import {
  encodeSessionAs,
  type SessionFormat,
  sessionFormats,
  sessionFromDocument,
  type TextEncoding,
  textEncodings,
  textOfBytes,
} from '../../../cluster/decode/encode-session.js';
import {readFileArgument} from '../../line/message-body.js';
import {parseChoice} from '../../line/parsers.js';
import {showValue} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface EncodeInput {
  readonly session?: string;
  readonly file?: string;
  readonly to: SessionFormat;
  readonly encoding: TextEncoding;
  readonly raw?: boolean;
}

const maxInputBytes = 16 * 1024 * 1024;

export const encode: Verb<EncodeInput> = {
  examples: [
    `gatectl encode '{"sessionId":"5f00","userId":"u1","settings":{"room":"a"}}'`,
    'gatectl decode 0a0f3132372e302e302e313a3536333431 -o json | gatectl encode - --to msgpack --encoding base64',
  ],
  declare: (command) =>
    command
      .argument('[session]', 'session as JSON, as printed by "decode -o json"; - reads stdin')
      .option('-f, --file <file>', 'encode a file')
      .option(
        '--to <form>',
        `encode as ${sessionFormats.join(', ')}`,
        parseChoice(sessionFormats),
        'protobuf',
      )
      .option(
        '--encoding <encoding>',
        `output encoding: ${textEncodings.join(', ')}`,
        parseChoice(textEncodings),
        'hex',
      )
      .option('--raw', 'write raw bytes; refused on a terminal'),
  run: async (context, {session, file, to, encoding, raw}) => {
    if ((session === undefined) === (file === undefined)) {
      throw new UsageError('missing input: give JSON as an argument, - to read stdin, or --file', {
        hint: 'gatectl encode --help',
      });
    }
    const {out, in: stdin} = context.io;
    if (raw === true && out.isTerminal) {
      throw new UsageError('cannot write raw bytes to a terminal', {hint: 'redirect them: --raw > FILE'});
    }
    const json =
      file !== undefined
        ? await readFileArgument(file, maxInputBytes)
        : session === '-'
          ? await stdin.readAll(maxInputBytes)
          : Buffer.from(session ?? '');
    const bytes = await encodeSessionAs(sessionFromDocument(json), to);
    if (raw === true) {
      await out.writeBytes(bytes);
      return undefined;
    }
    const text = textOfBytes(bytes, encoding);
    const record = {form: to, encoding, bytes: bytes.length, text};
    return showValue(context, text, record);
  },
};
