import {parseBoundedJson} from '../../base/bounded-json.js';
import {loadYamlEncoder} from '../../output/formats/yaml.js';
import {safeJson} from '../../output/text/safe-text.js';
import type {DocumentView, TextDocument} from './document.js';
import {hexDump} from './hex-dump.js';
import {indentedJson} from './indented-json.js';

/** A value and, if the record and the live session differ, the other value. */
export interface FieldUnderCursor {
  readonly title: string;
  readonly value: string;
  readonly other?: {readonly name: 'live' | 'record'; readonly value: string} | undefined;
}

/**
 * Creates a document of a value from the cluster. JSON is indented, without changing its numbers.
 */
export function valueDocument({title, value, other}: FieldUnderCursor): TextDocument {
  const plain: DocumentView = {name: 'text', text: value, isSafe: false};
  const hex: DocumentView = {name: 'hex', text: hexDump(Buffer.from(value)), isSafe: true};
  const json = isJsonContainer(value) ? indentedJson(value) : undefined;
  const others: readonly DocumentView[] =
    other === undefined
      ? []
      : [
          {
            name: other.name,
            text: isJsonContainer(other.value) ? indentedJson(other.value) : other.value,
            isSafe: false,
          },
        ];
  if (json === undefined) return {title, views: [plain, ...others, hex]};
  return {title, views: [{name: 'JSON', text: json, isSafe: false}, plain, ...others, hex]};
}

/** Creates a document of bytes, with a text view if they are valid text. */
export function bytesDocument(title: string, bytes: Uint8Array): TextDocument {
  const text = Buffer.from(bytes).toString('utf8');
  return {
    title,
    views: [
      {name: 'hex', text: hexDump(bytes), isSafe: true},
      {name: 'text', text, isSafe: false},
    ],
  };
}

/** Creates a document of an object as JSON; `yamlView` adds YAML. */
export const objectDocument = (title: string, value: unknown): TextDocument => ({
  title,
  views: [{name: 'JSON', text: safeJson(value, 2), isSafe: true}],
});

export async function yamlView(value: unknown): Promise<DocumentView> {
  const yaml = await loadYamlEncoder();
  return {name: 'YAML', text: yaml(JSON.parse(JSON.stringify(value))).trimEnd(), isSafe: true};
}

/** Creates a document of messages, one per line. */
export function linesDocument(title: string, lines: readonly string[]): TextDocument {
  return {title, views: [{name: 'text', text: lines.join('\n'), isSafe: false}]};
}

function isJsonContainer(text: string): boolean {
  if (!/^\s{0,99}[{[]/.test(text)) return false;
  try {
    parseBoundedJson(text);
    return true;
  } catch {
    return false;
  }
}
