import type {TextSink} from '../terminal/io.js';
import {safeJson, safeText} from '../text/safe-text.js';
import {csvLine} from './csv.js';
import {type DocumentTail, documentVersion, type Format, type MakeTail, type Presenter} from './presenter.js';
import {type TableStyle, writeTable} from './table.js';
import {columnByteWriters, type ItemWriter, writeItems} from './write-items.js';
import {yamlWriter} from './yaml.js';

type Rows<Row> = AsyncIterable<Row> | Iterable<Row>;

/**
 * Writes rows in a format as they come and resolves with their number. `tail` is asked once the rows have ended;
 * JSON and JSONL carry it, so that a cut stream is seen to be cut.
 */
export async function writeRows<Row>(
  out: TextSink,
  format: Format,
  sheet: Presenter<Row>,
  rows: Rows<Row>,
  tail: MakeTail,
  style: TableStyle = {},
): Promise<number> {
  switch (format) {
    case 'table':
    case 'wide':
      return await writeTable(out, columnsOf(sheet, format === 'wide'), rows, style);
    case 'tsv':
      return await writeLines(out, rows, tsvLine(columnsOf(sheet, false)));
    case 'csv':
      await out.write(`${csvLine(sheet.columns.map(({header}) => header))}\n`);
      return await writeLines(out, rows, {
        text: (row) => csvLine(sheet.columns.map(({cell}) => cell(row))),
      });
    case 'yaml':
      return await writeYaml(out, sheet, rows, tail);
    case 'ids':
      return await writeLines(out, rows, {text: (row) => safeText(sheet.id(row)), bytes: sheet.idBytes});
    case 'jsonl': {
      const count = await writeLines(out, rows, jsonItem(sheet));
      const about = await tail(count);
      await out.write(`${safeJson({summary: {version: documentVersion, count, ...about}})}\n`);
      return count;
    }
    case 'json':
      return await writeDocument(out, sheet, rows, tail);
    default:
      return format satisfies never;
  }
}

function columnsOf<Row>(sheet: Presenter<Row>, wide: boolean): Presenter<Row>['columns'] {
  return wide ? sheet.columns : sheet.columns.filter((column) => column.wide !== true);
}

function tsvLine<Row>(columns: Presenter<Row>['columns']): ItemWriter<Row> {
  return {
    text: (row) => columns.map((column) => safeText(column.cell(row))).join('\t'),
    bytes: (batch) => {
      const cells = columnByteWriters(columns, batch);
      return (
        cells &&
        ((row, out) => {
          for (let at = 0; at < cells.length; at += 1) {
            if (at > 0) out.byte(tab);
            cells[at]?.(row, out);
          }
        })
      );
    },
  };
}

const tab = 0x09;

function jsonItem<Row>(sheet: Presenter<Row>): ItemWriter<Row> {
  return {text: (row) => safeJson(sheet.record(row)), bytes: sheet.recordBytes};
}

async function writeLines<Row>(out: TextSink, rows: Rows<Row>, form: ItemWriter<Row>): Promise<number> {
  return await writeItems(out, rows, form, {before: '', after: '\n'});
}

/** One document: `{"version":1,"items":[…],"complete":…}`, the items streamed. */
async function writeDocument<Row>(
  out: TextSink,
  sheet: Presenter<Row>,
  rows: Rows<Row>,
  tail: MakeTail,
): Promise<number> {
  await out.write(`{\n  "version": ${documentVersion},\n  "items": [`);
  const count = await writeItems(out, rows, jsonItem(sheet), {
    before: ',\n    ',
    first: '\n    ',
    after: '',
  });
  let end = count === 0 ? ']' : '\n  ]';
  for (const [key, value] of Object.entries(await tail(count)))
    end += `,\n  ${safeJson(key)}: ${safeJson(value, 2).replaceAll('\n', '\n  ')}`;
  await out.write(`${end}\n}\n`);
  return count;
}

/** The same document in YAML, an item a block. */
async function writeYaml<Row>(
  out: TextSink,
  sheet: Presenter<Row>,
  rows: Rows<Row>,
  tail: MakeTail,
): Promise<number> {
  const yaml = await yamlWriter();
  await out.write(`version: ${documentVersion}\n`);
  let head = 'items:\n';
  const count = await writeLines(out, rows, {
    text: (row) => {
      const item = `${head}- ${indented(yaml(sheet.record(row)))}`;
      head = '';
      return item;
    },
  });
  if (count === 0) await out.write('items: []\n');
  for (const [key, value] of Object.entries(await tail(count))) await out.write(yaml({[key]: value}));
  return count;
}

/** As an item of a list. */
const indented = (text: string): string => text.trimEnd().replaceAll('\n', '\n  ');

/** One thing as a document of its own: `{"version":1, …}`. */
export async function writeOne(
  out: TextSink,
  record: DocumentTail,
  format: 'json' | 'yaml' = 'json',
): Promise<void> {
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
