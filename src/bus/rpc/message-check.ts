import {UsageError} from '../../base/errors.js';

const maxTopicBytes = 65_535;
/** Ample for any value. Settings beyond max_payload would make all replies about a session fail. */
const maxSettingBytes = 64 * 1024;

/** Checks that strict MQTT clients accept the topic [MQTT-3.3.2-2]. A stock gate would send any topic. */
export function checkTopic(topic: string): void {
  const fault = topicFault(topic);
  if (fault !== undefined) {
    throw new UsageError(`topic ${JSON.stringify(topic.slice(0, 80))} ${fault}`, {
      hint: 'a topic is 1 to 65535 bytes of text without + # and NUL, like /gate/send/test',
    });
  }
}

function topicFault(topic: string): string | undefined {
  if (topic === '') return 'is empty';
  if (!topic.isWellFormed()) return 'contains a lone surrogate, which is not valid UTF-8';
  if (/[+#]/.test(topic)) return 'contains a wildcard (+ or #)';
  if (topic.includes('\0')) return 'contains a NUL character';
  const size = Buffer.byteLength(topic);
  return size > maxTopicBytes ? `is ${size} bytes long, more than ${maxTopicBytes}` : undefined;
}

export function checkUserId(userId: string): void {
  if (userId === '') {
    throw new UsageError('the user id is empty', {hint: 'to clear it: gatectl unbind <sessionId>'});
  }
  checkEncodableText(userId, 'the user id');
}

/** Checks that every gate can store and send the setting. Throws UsageError. */
export function checkSetting(key: string, value: string): void {
  checkEncodableText(key, `the settings key ${JSON.stringify(key.slice(0, 80))}`);
  checkEncodableText(value, `the value of "${key.slice(0, 80)}"`);
}

/** Throws UsageError for a string that a gate could store but never send. */
export function checkEncodableText(text: string, what: string): void {
  if (!text.isWellFormed()) {
    throw new UsageError(`${what} contains a lone surrogate, which is not valid UTF-8`, {
      hint: 'a gate could store it, but not send the session afterwards',
    });
  }
  const size = Buffer.byteLength(text);
  if (size > maxSettingBytes)
    throw new UsageError(`${what} is ${size} bytes long, more than ${maxSettingBytes}`);
}

/** Space for the envelope and the other arguments around a body, in bytes. */
const envelopeBytes = 1024;

export function checkMessageBody(body: Uint8Array, topic: string, maxPayloadBytes: number): void {
  const limit = maxPayloadBytes - envelopeBytes - Buffer.byteLength(topic);
  if (body.length > limit) {
    throw new UsageError(
      `the body is ${body.length} bytes, more than the ${limit} bytes that fit into one NATS message`,
      {
        hint: `the server's max_payload is ${maxPayloadBytes} bytes`,
      },
    );
  }
}

/** Throws UsageError for a message that is too large: nats-server would close the connection. */
export function checkMessageSize(data: Uint8Array, maxPayloadBytes: number): void {
  if (data.length <= maxPayloadBytes) return;
  throw new UsageError(
    `a message of ${data.length} bytes is more than the server's max_payload of ${maxPayloadBytes}`,
  );
}
