import {fillRandom} from '../base/random.js';

const idBytes = 8;
/** Random bytes are generated in bulk, because one system call takes as long as the rest of creating a session. */
const stock = Buffer.allocUnsafeSlow(512 * idBytes);
let next = 0;

/** Returns 16 unpredictable hex digits for the id of a session, trace or span, in the form of mqant's `%016x`. */
export function randomId(): string {
  if (next === stock.length) next = 0;
  if (next === 0) fillRandom(stock);
  next += idBytes;
  return stock.toString('hex', next - idBytes, next);
}
