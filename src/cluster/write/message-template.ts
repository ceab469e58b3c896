import {NegativeError, UsageError} from '../../base/errors.js';
import type {Session} from '../../session/session.js';

/** A message with placeholders for data of the receiver, such as `{{uid}}` and `{{settings.room}}`. */
export interface MessageTemplate {
  /** Names of the fields in the template, for messages. */
  readonly fields: readonly string[];
  /** Fills in the template for a session. Throws NegativeError if the session lacks a field. */
  render(session: Session, node: string): Uint8Array;
}

type Read = (session: Session, node: string) => string | undefined;

const reads: Readonly<Record<string, Read>> = {
  uid: ({userId}) => userId,
  id: ({sessionId}) => sessionId,
  gate: (_, node) => node,
  ip: ({ip}) => ip,
  network: ({network}) => network,
};

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

/**
 * Parses a template. `json` escapes values for use inside a JSON string. Throws UsageError for an unknown
 * placeholder.
 */
export function parseTemplate(text: string, {json = false}: {readonly json?: boolean} = {}): MessageTemplate {
  const fields = [...text.matchAll(placeholder)].map(([, name = '']) => name);
  const readers = new Map(fields.map((name) => [name, readerOf(name)]));
  const written = (value: string): string => (json ? JSON.stringify(value).slice(1, -1) : value);
  return {
    fields: [...readers.keys()],
    render(session, node) {
      const rendered = text.replaceAll(placeholder, (_, name: string) => {
        const value = readers.get(name)?.(session, node);
        if (value === undefined) throw new NegativeError(`the session has no ${name}`);
        return written(value);
      });
      return Buffer.from(rendered);
    },
  };
}

function readerOf(name: string): Read {
  const key = /^settings\.(.+)$/s.exec(name)?.[1];
  if (key !== undefined) return ({settings}) => settings[key];
  const read = Object.hasOwn(reads, name) ? reads[name] : undefined;
  if (read !== undefined) return read;
  throw new UsageError(`unknown template field "{{${name}}}"`, {
    hint: `use {{${Object.keys(reads).join('}}, {{')}}} or {{settings.<key>}}`,
  });
}
