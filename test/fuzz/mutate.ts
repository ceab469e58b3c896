import type {RandomSource} from '../../src/dev/clients/seeded-random.js';

const telling = [0x00, 0x01, 0x0a, 0x20, 0x7f, 0x80, 0xc0, 0xc1, 0xdc, 0xdf, 0xff];

export interface Mutation {
  readonly random: RandomSource;
  readonly words: readonly Uint8Array[];
  /** Another input, for splices. */
  readonly other: Buffer;
  readonly longest: number;
}

type Change = (input: Buffer, mutation: Mutation) => Buffer;

const below = (random: RandomSource, limit: number): number => Math.floor(random() * limit);

function replaced(input: Buffer, at: number, cut: number, piece: Uint8Array): Buffer {
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(at + cut)]);
}

function piece(input: Buffer, random: RandomSource): Buffer {
  const from = below(random, input.length);
  return input.subarray(from, from + 1 + below(random, Math.min(64, input.length - from)));
}

const setByte =
  (value: (before: number, random: RandomSource) => number): Change =>
  (input, {random}) => {
    if (input.length === 0) return Buffer.of(value(0, random));
    const copy = Buffer.from(input);
    const at = below(random, copy.length);
    copy[at] = value(copy[at] ?? 0, random) & 0xff;
    return copy;
  };

const changes: readonly Change[] = [
  setByte((before, random) => before ^ (1 << below(random, 8))),
  setByte((_, random) => below(random, 256)),
  setByte((_, random) => telling[below(random, telling.length)] ?? 0),
  setByte((before, random) => before + below(random, 9) - 4),
  (input, {random}) => input.subarray(0, below(random, input.length + 1)),
  (input, {random}) => replaced(input, below(random, input.length + 1), 1 + below(random, 16), Buffer.of()),
  (input, {random}) =>
    replaced(input, below(random, input.length + 1), 0, Buffer.of(below(random, 256), below(random, 256))),
  (input, {random}) => replaced(input, below(random, input.length + 1), 0, piece(input, random)),
  (input, {random}) =>
    replaced(input, below(random, input.length + 1), below(random, 8), piece(input, random)),
  (input, {random, words}) =>
    replaced(
      input,
      below(random, input.length + 1),
      below(random, 2) * below(random, 16),
      words[below(random, words.length)] ?? Buffer.of(),
    ),
  (input, {random, other}) =>
    Buffer.concat([
      input.subarray(0, below(random, input.length + 1)),
      other.subarray(below(random, other.length + 1)),
    ]),
];

/** One to eight changes of an input; seldom the same piece again and again, up to the longest. */
export function mutated(input: Buffer, mutation: Mutation): Buffer {
  const {random, longest} = mutation;
  let result = input;
  for (let left = 1 + below(random, 8); left > 0; left -= 1) {
    const change = changes[below(random, changes.length)];
    if (change !== undefined) result = change(result, mutation);
  }
  if (random() < 0.002) result = stretched(result, mutation);
  return result.subarray(0, longest);
}

function stretched(input: Buffer, {random, longest}: Mutation): Buffer {
  if (input.length === 0) return input;
  const at = below(random, input.length);
  const again = piece(input, random);
  const times = Math.floor((longest * random()) / again.length);
  return replaced(input, at, 0, Buffer.concat(Array.from({length: times}, () => again)));
}
