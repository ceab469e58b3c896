import {fillRandom} from '../base/random.js';

const idBytes = 8;
/** Random bytes are asked for in stock: one question to the system costs as much as all else that makes a session. */
const stock = Buffer.allocUnsafeSlow(512 * idBytes);
let next = 0;

/** 16 hexadecimal digits that nobody can guess: a session id, trace or span, as mqant's `%016x` writes them. */
export function randomId(): string {
  if (next === stock.length) next = 0;
  if (next === 0) fillRandom(stock);
  next += idBytes;
  return stock.toString('hex', next - idBytes, next);
}
