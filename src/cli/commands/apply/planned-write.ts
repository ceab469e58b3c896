import {UsageError} from '../../../base/errors.js';
import {stringBag} from '../../../session/session.js';
import type {BulkWrite} from '../../bulk/bulk-write.js';
import {messageWrite} from '../../bulk/message-write.js';
import type {BulkHeader} from '../../bulk/outcome-file.js';

/** Builds the write of a plan. `name` is the file name, for errors. Throws UsageError for an invalid header. */
export function plannedWrite(name: string, {action, about, message}: BulkHeader, waitMs: number): BulkWrite {
  const faulty = new UsageError(`invalid plan "${name}": cannot read its "${action}" action`, {
    hint: 'make the plan again with --plan',
  });
  switch (action) {
    case 'kick':
      return {action: {verb: 'kick', waitMs}, about, destroys: true};
    case 'unbind':
      return {action: {verb: 'unbind'}, about, destroys: false};
    case 'set':
      if (!isTextRecord(about['settings'])) throw faulty;
      return {
        action: {verb: 'set', entries: stringBag(Object.entries(about['settings']))},
        about,
        destroys: false,
      };
    case 'unset':
      if (!isTextRecord(about['keys'])) throw faulty;
      return {action: {verb: 'unset', keys: Object.values(about['keys'])}, about, destroys: false};
    case 'send': {
      const {topic} = about;
      if (typeof topic !== 'string' || typeof message?.body !== 'string') throw faulty;
      const write = messageWrite({
        topic,
        bytes: Buffer.from(message.body, 'base64'),
        template: message.template === true,
        json: message.json === true,
      });
      if (write.about['sha256'] !== about['sha256']) throw faulty;
      return write;
    }
    default:
      throw faulty;
  }
}

const isTextRecord = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string');
