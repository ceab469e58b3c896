import {csvLine} from './csv.js';
import type {TextSink} from './io.js';
import {safeJson, safeText} from './safe-text.js';
import {documentVersion, type Format, type Sheet, type Tail} from './sheet.js';
import {type TableStyle, writeTable} from './table.js';
import {yamlWriter} from './yaml.js';

type Rows<Row> = AsyncIterable<Row> | Iterable<Row>;

/** Text is gathered to pieces of this many characters before it goes to the sink. */
const pieceSize = 64 * 1024;

/**
 * Writes rows in a format as they come and resolves with their number. `tail` is asked once the rows have ended;
 * JSON and JSONL carry it, so that a cut stream is seen to be cut.
 */
export async function writeRows<Row>(
  out: TextSink,
  format: Format,
  sheet: Sheet<Row>,
  rows: Rows<Row>,
  tail: () => Tail,
  style: TableStyle = {},
): Promise<number> {
  switch (format) {
    case 'table':
    case 'wide':
      return await writeTable(out, columnsOf(sheet, format === 'wide'), rows, style);
    case 'tsv':
      return await writeLines(out, rows, tsvLine(sheet));
    case 'csv':
      await out.write(`${csvLine(sheet.columns.map(({header}) => header))}\n`);
      return await writeLines(out, rows, (row) => csvLine(sheet.columns.map(({cell}) => cell(row))));
    case 'yaml':
      return await writeYaml(out, sheet, rows, tail);
    case 'ids':
      return await writeLines(out, rows, (row) => safeText(sheet.id(row)));
    case 'jsonl': {
      const count = await writeLines(out, rows, (row) => safeJson(sheet.record(row)));
      await out.write(`${safeJson({summary: {version: documentVersion, count, ...tail()}})}\n`);
      return count;
    }
    case 'json':
      return await writeDocument(out, sheet, rows, tail);
    default:
      return format satisfies never;
  }
}

function columnsOf<Row>(sheet: Sheet<Row>, wide: boolean): Sheet<Row>['columns'] {
  return wide ? sheet.columns : sheet.columns.filter((column) => column.wide !== true);
}

function tsvLine<Row>(sheet: Sheet<Row>): (row: Row) => string {
  const columns = columnsOf(sheet, false);
  return (row) => columns.map((column) => safeText(column.cell(row))).join('\t');
}

async function writeLines<Row>(out: TextSink, rows: Rows<Row>, line: (row: Row) => string): Promise<number> {
  let count = 0;
  let piece = '';
  for await (const row of rows) {
    piece += `${line(row)}\n`;
    count += 1;
    if (piece.length < pieceSize) continue;
    await out.write(piece);
    piece = '';
  }
  await out.write(piece);
  return count;
}

/** One document: `{"version":1,"items":[…],"complete":…}`, the items streamed. */
async function writeDocument<Row>(
  out: TextSink,
  sheet: Sheet<Row>,
  rows: Rows<Row>,
  tail: () => Tail,
): Promise<number> {
  let count = 0;
  let piece = `{\n  "version": ${documentVersion},\n  "items": [`;
  for await (const row of rows) {
    piece += `${count === 0 ? '\n' : ',\n'}    ${safeJson(sheet.record(row))}`;
    count += 1;
    if (piece.length < pieceSize) continue;
    await out.write(piece);
    piece = '';
  }
  piece += count === 0 ? ']' : '\n  ]';
  for (const [key, value] of Object.entries(tail())) {
    piece += `,\n  ${safeJson(key)}: ${safeJson(value, 2).replaceAll('\n', '\n  ')}`;
  }
  await out.write(`${piece}\n}\n`);
  return count;
}

/** The same document in YAML, an item a block. */
async function writeYaml<Row>(
  out: TextSink,
  sheet: Sheet<Row>,
  rows: Rows<Row>,
  tail: () => Tail,
): Promise<number> {
  const yaml = await yamlWriter();
  await out.write(`version: ${documentVersion}\n`);
  let head = 'items:\n';
  const count = await writeLines(out, rows, (row) => {
    const item = `${head}- ${indented(yaml(sheet.record(row)))}`;
    head = '';
    return item;
  });
  if (count === 0) await out.write('items: []\n');
  for (const [key, value] of Object.entries(tail())) await out.write(yaml({[key]: value}));
  return count;
}

/** As an item of a list. */
const indented = (text: string): string => text.trimEnd().replaceAll('\n', '\n  ');

/** One thing as a document of its own: `{"version":1, …}`. */
export async function writeOne(out: TextSink, record: Tail, format: 'json' | 'yaml' = 'json'): Promise<void> {
  const document = {version: documentVersion, ...record};
  await out.write(format === 'yaml' ? (await yamlWriter())(document) : `${safeJson(document, 2)}\n`);
}

/** Name and value a line, aligned; values are raw and made safe here. */
export async function writeFields(
  out: TextSink,
  fields: readonly (readonly [string, string])[],
): Promise<void> {
  const safe = fields.map(([name, value]) => [safeText(name), safeText(value)] as const);
  const width = Math.max(...safe.map(([name]) => name.length));
  await out.write(
    safe
      .map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd())
      .join('\n')
      .concat('\n'),
  );
}
