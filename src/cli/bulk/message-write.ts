import {createHash} from 'node:crypto';
import {type MessageTemplate, parseTemplate} from '../../cluster/write/message-template.js';
import type {BulkWrite} from './bulk-write.js';

export interface OutgoingMessage {
  readonly topic: string;
  readonly bytes: Uint8Array;
  /** Whether the bytes are a template with session fields. */
  readonly template: boolean;
  /** Whether field values are escaped for use in JSON strings. */
  readonly json: boolean;
  /** How long to wait for acknowledgements, in milliseconds. If set, the message is sent with QoS 1. */
  readonly ackWaitMs?: number | undefined;
}

/** Parses the body as a template. Throws UsageError for an unknown field. */
export function parseMessageTemplate({bytes, json}: OutgoingMessage): MessageTemplate {
  return parseTemplate(Buffer.from(bytes).toString(), {json});
}

/** Builds the write that sends a message, or a template rendered for each session. */
export function buildMessageWrite(message: OutgoingMessage): BulkWrite {
  const {topic, bytes, template, json, ackWaitMs} = message;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    action: {verb: 'send', topic, body: template ? parseMessageTemplate(message) : bytes, ackWaitMs},
    about: {
      topic,
      bytes: bytes.length,
      sha256,
      ...(template ? {template} : {}),
      ...(ackWaitMs === undefined ? {} : {qos: 1}),
    },
    destroys: false,
    message: {body: Buffer.from(bytes).toString('base64'), template, json},
  };
}
