import {existsSync} from 'node:fs';
import {DecodeError, UsageError} from '../../../base/errors.js';
import {type ByteEncoding, byteEncodings} from '../../../cluster/decode/byte-encodings.js';
import {type DecodedText, decodeInput, decodeText} from '../../../cluster/decode/decode-text.js';
import {type DataKind, type DecodedData, dataKinds} from '../../../cluster/decode/decoded-data.js';
import {jsonDocumentOf} from '../../../cluster/decode/json-document.js';
import type {Presenter} from '../../../output/formats/presenter.js';
import {formatPlural} from '../../../output/text/humanize.js';
import {shellWord} from '../../../output/text/shell-word.js';
import type {CommandContext} from '../../command-context.js';
import {readFileArgument} from '../../line/message-body.js';
import {parseChoice} from '../../line/parsers.js';
import {notice} from '../../show/notices.js';
import {showItem, showRows} from '../../show/show-results.js';
import type {Verb} from '../../verb.js';

interface DecodeInput {
  readonly bytes?: string;
  readonly file?: string;
  readonly encoding?: ByteEncoding;
  readonly as?: DataKind;
}

const maxInputBytes = 16 * 1024 * 1024;

export const decode: Verb<DecodeInput> = {
  examples: [
    'gatectl decode 0a0f3132372e302e302e313a3536333431',
    'redis-cli --raw get session:u1 | gatectl decode - -o json',
    'redis-cli --raw get session:u1 | xxd | gatectl decode -',
  ],
  declare: (command) =>
    command
      .argument('[bytes]', 'encoded bytes; - reads stdin, as does a pipe')
      .option('-f, --file <file>', 'decode a file')
      .option(
        '--encoding <encoding>',
        `input encoding: ${byteEncodings.join(', ')} (default: detect)`,
        parseChoice(byteEncodings),
      )
      .option('--as <kind>', `decode as ${dataKinds.join(', ')} (default: detect)`, parseChoice(dataKinds)),
  run: async (context, input) => {
    const {encoding, compression, bytes, decoded, others} = await readAndDecode(context, input);
    const about = {
      ...{kind: decoded.kind, form: formOf(decoded), encoding},
      ...(compression === undefined ? {} : {compression}),
      bytes: bytes.length,
      ...(others.length === 0 ? {} : {others}),
    };
    for (const other of others)
      await notice(
        context,
        `decoded as ${decoded.kind} in ${encoding}; it could also be ${other.kind}: --encoding ${other.encoding} --as ${other.kind}`,
      );
    const document = {...about, ...jsonDocumentOf(decoded)};
    const {format} = context.outputOptions;
    if (format === 'json' || format === 'jsonl' || format === 'yaml' || format === 'ids')
      return showItem(context, {id: idOf(decoded), fields: [], record: document});
    const packing = compression === undefined ? encoding : `${compression} in ${encoding}`;
    const what = `${about.kind}, ${about.form}, ${formatPlural(about.bytes, 'byte')} of ${packing}`;
    const leaves = [{name: 'decoded', value: what}, ...flattenDocument(jsonDocumentOf(decoded))];
    if (format === 'tsv' || format === 'csv') return showRows(context, documentFieldPresenter, leaves);
    const fields = leaves.map(({name, value}) => [name, value] as const);
    return showItem(context, {id: idOf(decoded), fields, record: document});
  },
};

async function readAndDecode(context: CommandContext, input: DecodeInput): Promise<DecodedText> {
  const {file} = input;
  const isPiped = input.bytes === undefined && file === undefined && !context.io.in.isTerminal;
  const bytes = isPiped ? '-' : input.bytes;
  if ((bytes === undefined) === (file === undefined)) {
    throw new UsageError('missing input: give bytes as an argument, - to read stdin, or --file', {
      hint: 'gatectl decode --help',
    });
  }
  if (file !== undefined) return decodeInput(await readFileArgument(file, maxInputBytes), input);
  if (bytes === '-') return decodeInput(await context.io.in.readAll(maxInputBytes), input);
  return await decodeArgument(bytes ?? '', input);
}

/** Decodes an argument. The error for the name of a file suggests how to read that file. */
async function decodeArgument(text: string, input: DecodeInput): Promise<DecodedText> {
  try {
    return await decodeText(text, input);
  } catch (cause) {
    if (!(cause instanceof DecodeError) || text.trim() === '' || !existsSync(text)) throw cause;
    throw new DecodeError(`"${text}" is the name of a file, not bytes`, {
      ...{hint: `gatectl decode --file ${shellWord(text)}`, cause},
    });
  }
}

function formOf(decoded: DecodedData): string {
  if (decoded.kind === 'session') return decoded.form;
  return decoded.kind === 'msgpack' || decoded.kind === 'json' ? decoded.kind : 'protobuf';
}

function idOf(decoded: DecodedData): string {
  return decoded.kind === 'session' ? decoded.session.sessionId : decoded.kind;
}

interface DocumentField {
  readonly name: string;
  readonly value: string;
}

const documentFieldPresenter: Presenter<DocumentField> = {
  columns: [
    {header: 'FIELD', cell: ({name}) => name},
    {header: 'VALUE', cell: ({value}) => value},
  ],
  record: ({name, value}) => ({name, value}),
  id: ({name}) => name,
};

/** Returns the non-empty leaves of a document with their paths: `session.settings.room`, `call.args[1].value`. */
function flattenDocument(value: unknown, path = ''): readonly DocumentField[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => flattenDocument(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) =>
      flattenDocument(item, path === '' ? key : `${path}.${key}`),
    );
  }
  return value === '' || value === undefined ? [] : [{name: path, value: String(value)}];
}
