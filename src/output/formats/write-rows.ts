import type {TextSink} from '../terminal/io.js';
import {safeJson, safeText} from '../text/safe-text.js';
import {csvHeader, csvLine} from './csv.js';
import {
  type BuildDocumentTail,
  type DocumentTail,
  documentVersion,
  type OutputFormat,
  type Presenter,
} from './presenter.js';
import {columnByteWriters, type RowWriter, writeRowsAs} from './write-items.js';
import {type TableStyle, writeTable} from './write-table.js';
import {loadYamlEncoder} from './yaml.js';

type Rows<Row> = AsyncIterable<Row> | Iterable<Row>;

/**
 * Streams rows in a format. Returns the number of rows. `tail` is called after the last row; json, jsonl and yaml end with its
 * members, so that a reader notices truncated output.
 */
export async function writeRows<Row>(
  out: TextSink,
  format: OutputFormat,
  presenter: Presenter<Row>,
  rows: Rows<Row>,
  tail: BuildDocumentTail,
  style: TableStyle = {},
): Promise<number> {
  switch (format) {
    case 'table':
      return await writeTable(out, tableColumns(presenter), rows, style);
    case 'wide':
      return await writeTable(out, columnsOf(presenter, true), rows, {...style, columns: undefined});
    case 'tsv': {
      const columns = columnsOf(presenter, false);
      if (style.tsvHeader === true) await out.write(`${columns.map(({header}) => header).join('\t')}\n`);
      return await writeLines(out, rows, tsvLine(columns));
    }
    case 'csv':
      await out.write(`${csvHeader(presenter.columns.map(({header}) => header))}\n`);
      return await writeLines(out, rows, {
        text: (row) => csvLine(presenter.columns.map(({cell}) => cell(row))),
      });
    case 'yaml':
      return await writeYaml(out, presenter, rows, tail);
    case 'ids':
      return await writeLines(out, rows, {
        text: (row) => safeText(presenter.id(row)),
        bytes: presenter.idBytes,
      });
    case 'jsonl': {
      const count = await writeLines(out, rows, jsonItem(presenter));
      const about = await tail(count);
      await out.write(`${safeJson({summary: {version: documentVersion, count, ...about}})}\n`);
      return count;
    }
    case 'json':
      return await writeDocument(out, presenter, rows, tail);
    default:
      return format satisfies never;
  }
}

function columnsOf<Row>(presenter: Presenter<Row>, wide: boolean): Presenter<Row>['columns'] {
  if (!wide) return presenter.columns.filter((column) => column.wide !== true);
  return presenter.columns.map(({shownFor: _, ...always}) => always);
}

/** Returns the columns of the table format. A wide column with `shownFor` stays; the table decides by its first rows. */
function tableColumns<Row>({columns}: Presenter<Row>): Presenter<Row>['columns'] {
  return columns.flatMap((column) => {
    const {shownFor, ...always} = column;
    if (column.wide === true) return shownFor === undefined ? [] : [column];
    return [always];
  });
}

function tsvLine<Row>(columns: Presenter<Row>['columns']): RowWriter<Row> {
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

function jsonItem<Row>(presenter: Presenter<Row>): RowWriter<Row> {
  const text = presenter.recordText ?? ((row) => safeJson(presenter.record(row)));
  return {text, bytes: presenter.recordBytes};
}

async function writeLines<Row>(out: TextSink, rows: Rows<Row>, writer: RowWriter<Row>): Promise<number> {
  return await writeRowsAs(out, rows, writer, {before: '', after: '\n'});
}

/** Streams rows as one JSON document: `{"version":1,"items":[…],"complete":…}`. */
async function writeDocument<Row>(
  out: TextSink,
  presenter: Presenter<Row>,
  rows: Rows<Row>,
  tail: BuildDocumentTail,
): Promise<number> {
  await out.write(`{\n  "version": ${documentVersion},\n  "items": [`);
  const count = await writeRowsAs(out, rows, jsonItem(presenter), {
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

/** Streams rows as the same document in YAML, one block per item. */
async function writeYaml<Row>(
  out: TextSink,
  presenter: Presenter<Row>,
  rows: Rows<Row>,
  tail: BuildDocumentTail,
): Promise<number> {
  const yaml = await loadYamlEncoder();
  await out.write(`version: ${documentVersion}\n`);
  let head = 'items:\n';
  const count = await writeLines(out, rows, {
    text: (row) => {
      const item = `${head}- ${indented(yaml(presenter.record(row)))}`;
      head = '';
      return item;
    },
  });
  if (count === 0) await out.write('items: []\n');
  for (const [key, value] of Object.entries(await tail(count))) await out.write(yaml({[key]: value}));
  return count;
}

/** Indents a YAML text as a list item. */
const indented = (text: string): string => text.trimEnd().replaceAll('\n', '\n  ');

/** Writes one object as a document: `{"version":1, …}`. */
export async function writeObject(
  out: TextSink,
  record: DocumentTail,
  format: 'json' | 'yaml' = 'json',
): Promise<void> {
  const document = {version: documentVersion, ...record};
  await out.write(format === 'yaml' ? (await loadYamlEncoder())(document) : `${safeJson(document, 2)}\n`);
}

/** Writes one line per field, with aligned values. Escapes names and values. */
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
